from django.db import models


class Heartbeat(models.Model):
    """When a part of the system was last seen at work. One row a part, written over."""

    part = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} at {self.at}"
