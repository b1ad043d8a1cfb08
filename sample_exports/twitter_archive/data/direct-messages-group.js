window.YTD.direct_messages_group.part0 = [
  {
    "dmConversation": {
      "conversationId": "2098000000000000001",
      "messages": [
        {
          "participantsLeave": {
            "userIds": [
              "4011"
            ],
            "createdAt": "2026-09-19T10:00:00.000Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "2098000000000000001",
            "reactions": [],
            "urls": [],
            "text": "Wir drei kommen am Samstag",
            "mediaUrls": [],
            "senderId": "4011",
            "id": "2101219742315446276",
            "createdAt": "2026-09-19T08:00:00.000Z"
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
        }
      ]
    }
  }
]