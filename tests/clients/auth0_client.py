"""What the official Auth0 client sees of an Auth0, as one JSON object for a test to judge.

AUTH0_URL (without a path), AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, AUTH0_AUDIENCE. It only reads.
"""

import json
import os

import httpx
from auth0.management.client import Auth0
from auth0.management.core.api_error import ApiError
from auth0.management.core.request_options import RequestOptions

URL = os.environ["AUTH0_URL"].rstrip("/")
CREDENTIALS = {
    "client_id": os.environ["AUTH0_CLIENT_ID"],
    "client_secret": os.environ["AUTH0_CLIENT_SECRET"],
    "audience": os.environ["AUTH0_AUDIENCE"],
    "grant_type": "client_credentials",
}
# A refusal is a fact to report, not a reason to try again.
ONCE = RequestOptions(max_retries=0)

seen = {}


def see(name, call):
    """One call: what it gave, or the error as the client shows it."""
    try:
        seen[name] = {"ok": call()}
    except ApiError as error:
        body = error.body
        # Some errors come as objects of the client's own.
        if hasattr(body, "model_dump"):
            body = body.model_dump(mode="json", exclude_none=True)
        seen[name] = {"status": error.status_code, "body": body}


def token(**changed):
    answer = httpx.post(f"{URL}/oauth/token", json={**CREDENTIALS, **changed}, trust_env=False)
    return answer.status_code, answer.json()


def page(**wanted):
    """One page of users with the totals beside it."""
    pager = auth0.users.list(request_options=ONCE, **wanted)
    totals = pager.response
    return {
        "start": totals.start,
        "limit": totals.limit,
        "length": totals.length,
        "total": totals.total,
        "users": [user(item) for item in pager.items or []],
    }


def user(found):
    return {
        "user_id": found.user_id,
        "email": found.email,
        "email_verified": found.email_verified,
        "created_at": str(found.created_at),
        "logins_count": found.logins_count,
        "connections": [identity.connection for identity in found.identities or []],
    }


status, granted = token()
seen["token"] = {"status": status, "keys": sorted(granted), "token_type": granted.get("token_type")}
status, refused = token(client_secret="wrong")
seen["token: wrong secret"] = {"status": status, "body": refused}

auth0 = Auth0(base_url=f"{URL}/api/v2", token=granted["access_token"])
newest = {"page": 0, "per_page": 5, "sort": "created_at:-1"}
see("users", lambda: page(**newest))
see("users: next page", lambda: page(**{**newest, "page": 1}))
see("users: oldest first", lambda: page(page=0, per_page=5, sort="created_at:1"))
see("users: verified", lambda: page(q="email_verified:true", search_engine="v3", **newest))
see("users: fields", lambda: page(fields="user_id,email", include_fields=True, **newest))
# Auth0 shows the first thousand results of a search and no more.
see("users: last page within 1000", lambda: page(page=9, per_page=100, sort="created_at:1"))
see("users: beyond 1000", lambda: page(page=10, per_page=100, sort="created_at:1"))
see("users: too many a page", lambda: page(page=0, per_page=101))
# The pager asks on by itself, as a program that lists everybody does.
see("users: everybody up to 250", lambda: [
    item.user_id for _, item in zip(range(250), auth0.users.list(per_page=100, sort="created_at:1", request_options=ONCE))
])

first = next(iter(seen["users"].get("ok", {}).get("users", [])), None)
if first:
    see("user", lambda: user(auth0.users.get(first["user_id"], request_options=ONCE)))
    see("user: found by search", lambda: page(q=f'user_id:"{first["user_id"]}"', search_engine="v3", **newest))
    see("users by e-mail", lambda: [
        user(item) for item in auth0.users.list_users_by_email(email=first["email"], request_options=ONCE)
    ])
see("user: unknown", lambda: user(auth0.users.get("auth0|nobody", request_options=ONCE)))
see("users by e-mail: unknown", lambda: [
    user(item) for item in auth0.users.list_users_by_email(email="nobody@example.com", request_options=ONCE)
])
see("active users", lambda: auth0.stats.get_active_users_count(request_options=ONCE))

auth0 = Auth0(base_url=f"{URL}/api/v2", token="wrong")
see("users: wrong token", lambda: page(**newest))

print(json.dumps(seen, indent=1))
