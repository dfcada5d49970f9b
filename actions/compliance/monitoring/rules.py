"""The rules over transactions, as one statement: a pass over the bookings in the order of each account.

The same statement runs over all accounts at night and over one as its bookings arrive, so that both find the same. What
the rules look for are typologies of the FATF and the Wolfsberg Group; the parameters are data that a bank tunes on its own
history.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.exchange_rates import in_base

RuleCode = Literal[
    "structuring",
    "velocity",
    "dormant_active",
    "rapid_in_out",
    "high_risk_country",
    "round_sums",
    "new_payee_large",
    "over_indebted",
    "cross_default",
]
RULES: tuple[RuleCode, ...] = get_args(RuleCode)
LOOKED_BACK = timedelta(
    days=400
)  # before the bookings that are judged: how long a payee or a silence is remembered


MAX_LIMIT, MAX_COUNT = 1e12, 1_000_000  # what no bank's amounts and counts come near


class Parameters(BaseModel):
    """Limits of all rules; amounts in the base currency."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"structuring_count": 4, "payee_amount": 7500, "off": ["round_sums"]}]
        },
    )

    structuring_threshold: float = Field(
        10_000, gt=0, le=MAX_LIMIT, description="Amount from which a payment in must be looked at."
    )
    structuring_share: float = Field(
        0.8, gt=0, lt=1, description="Share of it from which a payment is just below."
    )
    structuring_count: int = Field(
        3, ge=2, le=MAX_COUNT, description="Payments just below it within the days."
    )
    structuring_days: int = Field(7, ge=1, le=60)
    velocity_count: int = Field(25, ge=2, le=MAX_COUNT, description="Bookings within 24 hours.")
    dormant_days: int = Field(180, ge=30, le=390, description="Days without a booking.")
    dormant_amount: float = Field(2_000, gt=0, le=MAX_LIMIT, description="Payment out after them.")
    rapid_amount: float = Field(8_000, gt=0, le=MAX_LIMIT, description="Money in within the hours.")
    rapid_share: float = Field(
        0.9, gt=0, le=1, description="Share of it that goes out within the same hours."
    )
    rapid_hours: int = Field(48, ge=1, le=240)
    high_risk_countries: list[Annotated[str, StringConstraints(max_length=2)]] = Field(
        ["IR", "KP", "MM"], max_length=250, description="FATF's call for action, by two letters."
    )
    high_risk_amount: float = Field(500, ge=0, le=MAX_LIMIT)
    round_unit: int = Field(1_000, ge=100, le=MAX_COUNT, description="What a sum is a multiple of.")
    round_count: int = Field(
        4, ge=2, le=MAX_COUNT, description="Such payments out within seven days."
    )
    payee_amount: float = Field(5_000, gt=0, le=MAX_LIMIT, description="First payment to somebody.")
    burden: float = Field(
        0.45, gt=0, le=1, description="Share of the monthly income that goes into instalments."
    )
    overdue_days: int = Field(
        30, ge=1, le=365, description="Days after which an unpaid instalment warns of other loans."
    )
    off: list[RuleCode] = Field([], max_length=50, description="Rules that do not run.")

    def bound(self) -> dict[str, object]:
        """As the statement takes them."""
        return self.model_dump()


# A rule speaks once, at the moment in which its limit is crossed, not again at each booking that follows; bookings of one
# moment are one step.
STATEMENT = """
with seen as (
    select t.id, t.account_id, a.customer_id, t.booked_at, t.amount, t.worth, t.counterparty, t.country,
        coalesce(lag(t.booked_at) over each, a.opened_on::timestamptz) as before,
        count(*) filter (where t.worth >= :structuring_share * :structuring_threshold and t.worth < :structuring_threshold)
            over (each range between make_interval(days => :structuring_days) preceding and current row) as just_below,
        count(*) filter (where t.worth >= :structuring_share * :structuring_threshold and t.worth < :structuring_threshold)
            over moment as just_below_now,
        count(*) over (each range between interval '24 hours' preceding and current row) as in_a_day,
        count(*) over moment as now,
        sum(t.worth) filter (where t.worth > 0)
            over (each range between make_interval(hours => :rapid_hours) preceding and current row) as came,
        -sum(t.worth) filter (where t.worth < 0)
            over (each range between make_interval(hours => :rapid_hours) preceding and current row) as went,
        count(*) filter (where t.amount < 0 and t.amount %% :round_unit = 0)
            over (each range between interval '7 days' preceding and current row) as round_out,
        count(*) filter (where t.amount < 0 and t.amount %% :round_unit = 0) over moment as round_now,
        row_number() over (partition by t.account_id, t.counterparty order by t.booked_at, t.id) as payee_turn
    from (select b.*, {worth} as worth from transactions b) t join accounts a on a.id = t.account_id
    where t.booked_at > :looked_back and t.booked_at <= :until {scope}
    window each as (partition by t.account_id order by t.booked_at), moment as (partition by t.account_id, t.booked_at)
),
judged as (
    select s.*, came >= :rapid_amount and went >= :rapid_share * came and worth < 0 as rapid,
        lag(came >= :rapid_amount and went >= :rapid_share * came and worth < 0)
            over (partition by account_id order by booked_at, id) as rapid_before
    from seen s
)
select distinct on (j.booked_at, r.code, j.account_id) r.code, j.id, j.account_id, j.customer_id, j.booked_at, j.worth, r.said
from judged j cross join lateral (values
    ('structuring', worth >= :structuring_share * :structuring_threshold and worth < :structuring_threshold
        and just_below >= :structuring_count and just_below - just_below_now < :structuring_count,
        jsonb_build_object('payments', just_below)),
    ('velocity', in_a_day >= :velocity_count and in_a_day - now < :velocity_count, jsonb_build_object('bookings', in_a_day)),
    ('dormant_active', worth <= -:dormant_amount and before < booked_at - make_interval(days => :dormant_days),
        jsonb_build_object('last', before)),
    ('rapid_in_out', rapid and not coalesce(rapid_before, false), jsonb_build_object('in', came, 'out', went)),
    ('high_risk_country', country = any(cast(:high_risk_countries as text[])) and abs(worth) >= :high_risk_amount,
        jsonb_build_object('country', country)),
    ('round_sums', amount < 0 and amount %% :round_unit = 0 and round_out >= :round_count and round_out - round_now < :round_count,
        jsonb_build_object('payments', round_out)),
    ('new_payee_large', worth <= -:payee_amount and payee_turn = 1, jsonb_build_object('payee', counterparty))
) as r(code, hit, said)
where r.hit and j.booked_at > :since and not r.code = any(cast(:off as text[]))
order by j.booked_at, r.code, j.account_id, j.id
""".replace("%%", "%")
# Early warnings: who pays more than they can bear, and whose other loans are in danger because one is not paid. They stand
# for a month, and speak again in the next if they still hold.
LOANS = """
with owing as (
    select l.*, {outstanding} as worth, c.monthly_income, sum({instalment}) over (partition by l.customer_id) as burden,
        max(:today - l.next_due_on) over (partition by l.customer_id) as latest,
        count(*) over (partition by l.customer_id) as loans,
        row_number() over (partition by l.customer_id order by l.next_due_on, l.id) as turn
    from loans l join customers c on c.id = l.customer_id
    where l.outstanding > 0 {scope}
)
select r.code, o.id, o.customer_id, o.worth, r.said
from owing o cross join lateral (values
    ('over_indebted', turn = 1 and burden > :burden * greatest(monthly_income, 1),
        jsonb_build_object('instalments', o.burden, 'income', monthly_income)),
    ('cross_default', loans > 1 and latest >= :overdue_days and :today - next_due_on < :overdue_days,
        jsonb_build_object('overdue_days', latest, 'loans', loans))
) as r(code, hit, said)
where r.hit and not r.code = any(cast(:off as text[]))
order by o.customer_id, o.id, r.code
"""
# What a booking or a loan is worth in the base currency, by the rate of its day or of today.
BOOKING_WORTH = in_base("b.amount", "b.currency", "cast(b.booked_at as date)")
OUTSTANDING_WORTH = in_base("l.outstanding", "l.currency", ":today")
INSTALMENT_WORTH = in_base("l.instalment", "l.currency", ":today")
ONE_CUSTOMER = "and l.customer_id = :customer"
ONE_ACCOUNT = "and t.account_id = :account"
EVERYBODY = ""
