window.YTD.account.part0 = [
  {
    "account": {
      "email": "hilfe@fernweh.example",
      "createdVia": "web",
      "username": "FernwehHelp",
      "accountId": "900100200",
      "createdAt": "2019-01-01T00:00:00.000Z",
      "accountDisplayName": "Fernweh Hilfe"
    }
  }
]