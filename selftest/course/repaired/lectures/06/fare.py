"""A fare as it is sold on the ferry."""

from dataclasses import dataclass, field
from datetime import datetime, timezone


def now():
    return datetime.now(timezone.utc)


@dataclass
class Fare:
    cents: int
    sold_at: datetime = field(default_factory=now)

    def as_record(self):
        return {"cents": self.cents, "sold_at": self.sold_at.timestamp()}


if __name__ == "__main__":
    print(Fare(480).as_record())
