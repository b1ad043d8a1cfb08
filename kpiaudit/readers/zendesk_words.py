"""Zendesk's words for statuses, roles and channels, and ours."""

from __future__ import annotations

from typing import Final

STATUSES: Final = {
    "new": "open",
    "open": "open",
    "pending": "pending",
    "hold": "on_hold",
    "solved": "resolved",
    "closed": "closed",
}
EVENTS: Final = {
    "status": "status",
    "update": "update",
    "rated": "rated",
    "opening": "inbound",
    "reply": "outbound",
}
ROLES: Final = {"end-user": "customer", "agent": "agent", "admin": "agent"}
VIAS: Final[dict[str, tuple[str, str | None]]] = {
    **dict.fromkeys(("email",), ("email", None)),
    **dict.fromkeys(
        ("web", "web_form", "Web form", "web_widget", "help_center", "mobile", "mobile_sdk"),
        ("form", None),
    ),
    **dict.fromkeys(("chat", "chat_transcript", "chat_offline_message"), ("chat", None)),
    **dict.fromkeys(
        ("twitter", "twitter_dm", "twitter_direct_message", "twitter_favorite", "twitter_like"),
        ("social", "twitter"),
    ),
    **dict.fromkeys(
        ("facebook", "facebook_post", "facebook_message", "facebook_private_message"),
        ("social", "facebook"),
    ),
    **dict.fromkeys(("instagram", "instagram_dm"), ("social", "instagram")),
    **dict.fromkeys(
        ("messaging", "native_messaging", "sunshine_conversations_api"), ("messaging", None)
    ),
    "whatsapp": ("messaging", "whatsapp"),
    "telegram": ("messaging", "telegram"),
    "line": ("messaging", "line"),
    "wechat": ("messaging", "wechat"),
    "viber": ("messaging", "viber"),
    "kakaotalk": ("messaging", "kakaotalk"),
    "apple_business_chat": ("messaging", "apple"),
    "google_business_messages": ("messaging", "google"),
    "google_rcs": ("messaging", "google"),
    "sunshine_conversations_facebook_messenger": ("messaging", "facebook"),
    "sunshine_conversations_twitter_dm": ("messaging", "twitter"),
    **dict.fromkeys(("sms", "text", "messagebird_sms", "native_sms"), ("sms", None)),
    **dict.fromkeys(
        ("voice", "phone", "phone_call_inbound", "phone_call_outbound", "voicemail"),
        ("voice", None),
    ),
    **dict.fromkeys(("forum", "topic"), ("forum", None)),
}
CHANNELS: Final = {word: channel for word, (channel, _) in VIAS.items()}
VOICES: Final = [word for word, channel in CHANNELS.items() if channel == "voice"]
PLATFORMS: Final = {word: platform for word, (_, platform) in VIAS.items() if platform}
DIRECT: Final = ("direct_message", "message", "private_message")
DIRECT_VIAS: Final = (
    "twitter_dm", "twitter_direct_message", "facebook_message", "facebook_private_message",
    "instagram_dm",
)  # fmt: skip
PUBLIC: Final = ("mention", "post")
PUBLIC_VIAS: Final = (
    "twitter",
    "twitter_favorite",
    "twitter_like",
    "facebook_post",
    "forum",
    "topic",
)
PRIVATE_CHANNELS: Final = ("email", "form", "chat", "messaging", "sms", "voice")
MACHINES: Final = ("rule", "trigger", "automation", "system")
RULES: Final = ("trigger", "automation")
