from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Anyone who logs in. What a person may do follows from the roles that the apps keep, not from fields here."""

    email = models.EmailField(_("e-mail address"), blank=True)
    # Empty for accounts that an administrator made: those are active from the start.
    email_confirmed_at = models.DateTimeField(_("e-mail confirmed at"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                condition=~models.Q(email=""),
                violation_error_message=_("Another account has this e-mail address."),
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique",
                violation_error_message=_("This user name is taken."),
            ),
        ]


class LoginThrottle(models.Model):
    """Failed log-ins for one account from one address; see throttle.py for what follows from them."""

    account = models.CharField(max_length=254)
    address = models.CharField(max_length=45)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "address"], name="throttle_account_address")]

    def __str__(self) -> str:
        return f"{self.account} from {self.address}: {self.failures}"
