import os

# Playwright's synchronous interface leaves an event loop running in the thread of the tests, in which Django would
# refuse to touch the database. The tests wait for each answer, so nothing runs beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
