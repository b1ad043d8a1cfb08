window.YTD.tweets.part1 = [
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editsRemaining": "5"
        }
      },
      "retweeted": false,
      "id_str": "2099956455699382273",
      "id": "2099956455699382273",
      "created_at": "Tue Sep 15 20:20:09 +0000 2026",
      "full_text": "@lou Danke, gefunden!",
      "lang": "de",
      "truncated": false,
      "in_reply_to_status_id": "2099948868669014022",
      "in_reply_to_status_id_str": "2099948868669014022",
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
      "id_str": "2099090713605046273",
      "id": "2099090713605046273",
      "created_at": "Sun Sep 13 11:00:00 +0000 2026",
      "full_text": "@opa_hans Schön, dass du noch da bist",
      "lang": "de",
      "truncated": false,
      "in_reply_to_status_id": "4711",
      "in_reply_to_status_id_str": "4711",
      "in_reply_to_user_id": "77",
      "in_reply_to_user_id_str": "77",
      "in_reply_to_screen_name": "opa_hans"
    }
  },
  {
    "tweet": {
      "id_str": "2098728325739446273",
      "full_text": "ohne Datum"
    }
  }
];
