"""Ends with 0 when the web process beside it says that database, worker and beat are alive."""

import os
import sys
import urllib.error
import urllib.request

host = os.environ.get("TWINEV_ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*") or "localhost"
request = urllib.request.Request(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz", headers={"Host": host})
try:
    print(urllib.request.urlopen(request, timeout=4).read().decode())
except urllib.error.HTTPError as refusal:
    sys.exit(refusal.read().decode())
except OSError as failure:
    sys.exit(str(failure))
