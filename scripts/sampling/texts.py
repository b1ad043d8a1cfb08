"""What customers and agents of the invented firm write to each other."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

PRODUCTS = (
    "Nordlicht 2 tent", "Gipfelwind jacket", "pair of Moorpfad boots", "Talwacht stove", "Kolkrabe 45 pack",
    "Siebenschlaf sleeping bag", "Birkenruh hammock", "set of Steinbock poles",
)  # fmt: skip
SIZES = ("S", "M", "L", "XL", "39", "41", "43", "45")


@dataclass(frozen=True, slots=True)
class Topic:
    """A reason to write, and how both sides talk about it."""

    name: str
    subject: str
    openings: tuple[str, ...]
    answers: tuple[str, ...]
    follow_ups: tuple[str, ...]
    closings: tuple[str, ...]


TOPICS = (
    Topic(
        "delivery",
        "Where is my parcel {order}?",
        (
            "my {product} was due on Tuesday and the tracking page has not moved for three days",
            "the courier says delivered, my doorstep says otherwise. Order {order}, any idea?",
            "half of my order {order} arrived. The {product} is missing. Is it in a second parcel?",
            "tracking for {order} still says 'label printed'. We leave for the hut on Friday!",
            "can you change the delivery address for {order} before it leaves the warehouse?",
        ),
        (
            "Sorry about the wait! The courier is tracing {order}, I write once they answer.",
            "Thanks for flagging this. {order} left in two parcels, the second is due tomorrow.",
            "I can see the parcel is stuck at the depot. I have booked a new delivery for you.",
            "That should not happen. Could you send us the postcode so that I can find the parcel?",
        ),
        (
            "Still nothing today. What does the courier say?",
            "It is 99084, second entrance in the yard.",
            "OK, and if it does not come tomorrow? I need it for the weekend.",
        ),
        (
            "The courier has just scanned it out for delivery. Enjoy the trip!",
            "I have sent a replacement by express, free of charge. Please keep whichever comes.",
            "Address changed, you will get a new confirmation in a few minutes.",
        ),
    ),
    Topic(
        "returns",
        "Return of order {order}",
        (
            "the {product} in {size} is far too small, how do I swap it for the next size?",
            "I sent the {product} back two weeks ago and have not seen a refund",
            "the return label you mailed me for {order} opens as an empty page",
            "can I give an online order back in the shop, or only by post?",
            "bought the {product} on Monday, cheaper on Wednesday. Do I really have to return it?",
        ),
        (
            "No problem at all: the exchange for {order} is booked, the label is in your mail.",
            "Your return reached us on Friday. Refunds take up to five days, I have pushed yours.",
            "Sorry, that label was broken. Here is a fresh one, valid for thirty days.",
            "Either works! Please bring the order number {order} and we do the rest in the shop.",
        ),
        (
            "Thank you, label printed. Is a neighbour's box fine for packing?",
            "Five days are over and my account is still empty.",
            "And the shipping costs, do I get them back as well?",
        ),
        (
            "The refund went out this morning, banks need a day or two to show it.",
            "Any sturdy box is fine. We let you know as soon as it is here.",
            "Shipping is refunded too. Sorry for the back and forth.",
        ),
    ),
    Topic(
        "fit",
        "Size advice for the {product}",
        (
            "does the {product} run small? I am between {size} and the next one",
            "is the {product} warm enough for October in the Harz, around zero at night?",
            "which of your packs takes a two litre bladder and still closes?",
            "is the {product} fine for someone of 1.95 m? The page does not give a length",
            "do you still make the {product} in green? My partner wants the same one",
        ),
        (
            "It runs a touch small. With thick socks I would take the next size up.",
            "Down to zero it is comfortable, below that you want a liner.",
            "Good question! The long version fits up to 2.02 m, it is further down the page.",
            "Green is coming back in spring. Shall I put you on the list?",
        ),
        (
            "Great, and can I swap it if I guess wrong?",
            "Is the long version in stock in the shop as well?",
            "Yes please, put me on the list.",
        ),
        (
            "Of course, thirty days and the way back is free.",
            "Two left in the shop, I have kept one for you until Saturday.",
            "Done, you are on the list. Until then: happy hiking!",
        ),
    ),
    Topic(
        "repair",
        "Repair: {product}",
        (
            "the zip of my {product} gave up after one season. Can you repair it?",
            "a pole of the {product} snapped in the wind last night, do you sell single segments?",
            "my {product} came back from your workshop with the wrong buckle",
            "how long does a repair take these days? The {product} has been with you a month",
            "the sole of my {product} comes off. Three trips old. Not amused",
        ),
        (
            "We can fix that! Please send a photo, then the workshop gives you a price.",
            "Single segments are in stock. Which year did you buy it?",
            "Oh no, sorry. Send it back at our cost and it goes to the front of the queue.",
            "The workshop is at about three weeks. I will ask them where yours is.",
        ),
        (
            "Photo sent. Looks like the slider only.",
            "Bought in 2024, receipt {order}.",
            "Three weeks were over last Monday...",
        ),
        (
            "The workshop has it on the bench today, shipping tomorrow.",
            "That is covered by the guarantee, you pay nothing.",
            "The segment is in the post. Two minutes to fit, the leaflet is inside.",
        ),
    ),
    Topic(
        "payment",
        "Problem with payment for {order}",
        (
            "I was charged twice for {order}",
            "my voucher is refused at the checkout although it is valid until December",
            "please send me an invoice with our company address for {order}",
            "paid by transfer a week ago, {order} is still 'waiting for payment'",
            "the loyalty points of my last order never showed up",
        ),
        (
            "The second charge is only reserved and drops off by itself, I cancelled it too.",
            "The voucher needs the long number on the back. Could you try that one?",
            "The invoice with the new address is attached to your account.",
            "Found it: the reference was missing. {order} is released and packed today.",
        ),
        (
            "The long number does not work either, same message.",
            "Both charges are still on my statement this morning.",
            "Thanks. Could you add the tax number as well?",
        ),
        (
            "I have put the amount of the voucher on your account, it works right away.",
            "Accounting has confirmed the refund, sorry for the fright.",
            "Added, the corrected invoice is online now.",
        ),
    ),
    Topic(
        "rental",
        "Rental booking {order}",
        (
            "can I extend the rental of the {product} by two days?",
            "the rental tent had no pegs in it. We noticed at the campsite. At ten at night",
            "where do I drop the rented {product} when the shop is closed?",
            "my deposit for the rental has not come back yet",
            "is the {product} free for the second weekend of October?",
        ),
        (
            "Extended until Sunday, the extra days are on your booking.",
            "That is really bad luck, sorry! Any shop nearby may give you pegs on our account.",
            "The green box by the back door takes rentals at any hour.",
            "Deposits go back once the gear is checked, yours is next in line.",
        ),
        (
            "How do we pay for the two extra days?",
            "The nearest shop is 40 km away. What else?",
            "Dropped it in the box. Do I get a receipt?",
        ),
        (
            "No need, we take it off the deposit.",
            "We refund the whole rental. Sorry again for the night.",
            "Checked & fine, the deposit left this minute.",
        ),
    ),
)

OUTAGE = Topic(
    "outage",
    "Checkout does not work",
    (
        "your checkout throws an error since this morning, is it me or is it you?",
        "site down?! I have the {product} in the basket and the sale ends tonight",
        "app says 'something went wrong' for an hour now. Did my payment for {order} go through?",
        "cannot log in & cannot pay, cannot reach anyone by phone. What is going on?",
        "error 503 on every page. Hello? Anybody there?",
        "paid, got no confirmation, basket empty. Order {order}. Please tell me you have it",
    ),
    (
        "It is us, sorry! The shop is down, our engineers are on it. We tell you once it runs.",
        "Sorry for the trouble. Payments that went through are safe, please do not pay twice.",
        "We extend the sale by two days. The shop should be back by early afternoon.",
    ),
    (
        "Any news? Still an error here.",
        "And my payment? It left my account at 10.",
        "OK, thanks for being honest about it.",
    ),
    (
        "The shop is back. Your order went through, the confirmation is on its way.",
        "Up again since ten past one. Thanks for your patience!",
    ),
)

THANKS = (
    "Perfect, thank you!", "Thanks, that was quick.", "Great, that helps a lot.",
    "Thank you, case closed for me.", "Lovely, have a nice day!",
)  # fmt: skip
NOTES = (
    "Courier reference asked for, waiting for their call.",
    "Customer is a regular, please be generous.",
    "Workshop says the part is on order, about a week.",
    "Checked the warehouse camera, parcel did leave us.",
    "Second contact about this, see the older case.",
)


class Pen:
    """Writes texts with one customer's product and order number filled in."""

    def __init__(self, rng: Random, topic: Topic) -> None:
        self.rng = rng
        self.topic = topic
        self.words = {
            "product": rng.choice(PRODUCTS),
            "size": rng.choice(SIZES),
            "order": f"FW-{rng.randrange(40000, 99999)}",
        }

    def subject(self) -> str:
        """Return the subject line of a mail."""
        return self.topic.subject.format(**self.words)

    def opening(self) -> str:
        """Return what the customer writes first."""
        return self.rng.choice(self.topic.openings).format(**self.words)

    def answer(self) -> str:
        """Return a first answer."""
        return self.rng.choice(self.topic.answers).format(**self.words)

    def follow_up(self) -> str:
        """Return what the customer writes back."""
        return self.rng.choice(self.topic.follow_ups).format(**self.words)

    def closing(self) -> str:
        """Return a last answer."""
        return self.rng.choice(self.topic.closings).format(**self.words)


def sentence(text: str) -> str:
    """Return the text as a careful writer has it: capital first, a full stop last."""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
