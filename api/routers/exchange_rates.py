"""Exchange rates: read by everybody who may see products, written by administrators and supervisors."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import BusinessDep, NowDep, SessionDep, StaffDep
from core import exchange_rates
from core.bounds import Day
from core.identity import require
from core.money import BASE_CURRENCY, Currency, Rate

router = APIRouter(prefix="/v1/exchange-rates", tags=["exchange rates"])
MAX_RATES = 300


class RateOut(BaseModel):
    """Units of the currency for one unit of the base currency, and since when."""

    model_config = ConfigDict(from_attributes=True)

    currency: str
    rate: Rate
    valid_on: date


class RatesOut(BaseModel):
    """The rates that count on a day: of each currency the last one not after it."""

    base: str
    on: date
    rates: list[RateOut]


class RatesRequest(BaseModel):
    """The rates of a day, as the central bank publishes them; those of other currencies stay."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"valid_on": "2026-11-27", "rates": {"USD": "1.0389", "JPY": "163.06"}}]
        },
    )

    valid_on: Day
    rates: Annotated[dict[Currency, Rate], Field(min_length=1, max_length=MAX_RATES)]


@router.get("")
async def read_rates(
    who: BusinessDep, session: SessionDep, now: NowDep, on: Day | None = None
) -> RatesOut:
    """The rates of a day, or of today."""
    require(who, "products:read")
    return await _rates(session, on or now.date())


@router.put("")
async def set_rates(body: RatesRequest, who: StaffDep, session: SessionDep) -> RatesOut:
    """Write the rates of a day, replacing those of the same day."""
    await exchange_rates.set_rates(session, who, body.valid_on, body.rates)
    return await _rates(session, body.valid_on)


async def _rates(session: SessionDep, on: date) -> RatesOut:
    rates = [RateOut.model_validate(row) for row in await exchange_rates.rates_on(session, on)]
    return RatesOut(base=BASE_CURRENCY, on=on, rates=rates)
