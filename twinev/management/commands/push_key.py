from typing import Any

from django.core.management.base import BaseCommand

from drivers.services import vapid


class Command(BaseCommand):
    help = (
        "Prints a new private key for notices on phones (TWINEV_VAPID_PRIVATE_KEY). A new one ends all subscriptions."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(vapid.generate())
