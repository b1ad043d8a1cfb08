window.YTD.direct_messages.part0 = [
  {
    "dmConversation": {
      "conversationId": "4010-900100200",
      "messages": [
        {
          "messageCreate": {
            "recipientId": "900100200",
            "reactions": [],
            "urls": [],
            "text": "Noch eine Frage",
            "mediaUrls": [],
            "senderId": "4010",
            "id": "2101597229675446275",
            "createdAt": "2026-09-20T09:00:00.000Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "4010",
            "reactions": [],
            "urls": [],
            "text": "Gern, schick mir die Nummer.",
            "mediaUrls": [],
            "senderId": "900100200",
            "id": "2100563167015862275",
            "createdAt": "2026-09-17T12:31:00.250Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "900100200",
            "reactions": [],
            "urls": [],
            "text": "Hier meine Bestellnummer",
            "mediaUrls": [],
            "senderId": "4010",
            "id": "2100555364561846275",
            "createdAt": "2026-09-17T12:00:00.000Z"
          }
        },
        {
          "reactionCreate": {
            "senderId": "900100200",
            "reactionKey": "like",
            "eventId": "1",
            "createdAt": "2026-09-17T12:32:00.000Z"
          }
        }
      ]
    }
  }
]