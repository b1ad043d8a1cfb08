window.YTD.tweets.part0 = [
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "id_str": "2100135598617526273",
      "id": "2100135598617526273",
      "created_at": "Wed Sep 16 08:12:00 +0000 2026",
      "full_text": "@nils_k Ist unterwegs. ^NO",
      "lang": "de",
      "truncated": false,
      "in_reply_to_status_id": "2100102509333839880",
      "in_reply_to_status_id_str": "2100102509333839880",
      "in_reply_to_user_id": "4011",
      "in_reply_to_user_id_str": "4011",
      "in_reply_to_screen_name": "nils_k"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "id_str": "2099769104528310273",
      "id": "2099769104528310273",
      "created_at": "Tue Sep 15 07:55:41 +0000 2026",
      "full_text": "@lou 1/2 Das tut uns leid &amp; wir prüfen es.",
      "lang": "de",
      "truncated": false,
      "in_reply_to_status_id": "2099757693840392197",
      "in_reply_to_status_id_str": "2099757693840392197",
      "in_reply_to_user_id": "4010",
      "in_reply_to_user_id_str": "4010",
      "in_reply_to_screen_name": "lou"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "id_str": "2099769226163126273",
      "id": "2099769226163126273",
      "created_at": "Tue Sep 15 07:56:10 +0000 2026",
      "full_text": "@lou 2/2 Schick uns bitte die Nummer.",
      "lang": "de",
      "truncated": false,
      "in_reply_to_status_id": "2099769104528310273",
      "in_reply_to_status_id_str": "2099769104528310273",
      "in_reply_to_user_id": "900100200",
      "in_reply_to_user_id_str": "900100200",
      "in_reply_to_screen_name": "FernwehHelp"
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "id_str": "2099438001976246273",
      "id": "2099438001976246273",
      "created_at": "Mon Sep 14 10:00:00 +0000 2026",
      "full_text": "RT @hut: Wieder offen",
      "lang": "de",
      "truncated": false
    }
  },
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "id_str": "2099422902481846273",
      "id": "2099422902481846273",
      "created_at": "Mon Sep 14 09:00:00 +0000 2026",
      "full_text": "Heute packen wir bis 20 Uhr.",
      "lang": "de",
      "truncated": false
    }
  }
]