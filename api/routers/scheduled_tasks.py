"""What the service does by itself: each background task, when it ran and will run, and what it failed of."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import ContainerDep, Listing, NowDep, SessionDep, StaffDep
from assistant.worker import TaskStatus

router = APIRouter(prefix="/v1", tags=["administration"])


class ScheduledTaskOut(BaseModel):
    """A background task; one without a schedule runs when it is ordered."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "tickets.escalate_due",
                    "description": "Warn and escalate where a ticket's target is in danger or breached.",
                    "schedule": "* * * * *",
                    "events": [],
                    "last_run_at": "2026-11-24T10:00:00Z",
                    "last_duration_ms": 12,
                    "last_failed_at": None,
                    "last_failure": None,
                    "next_run_at": "2026-11-24T10:01:00Z",
                }
            ]
        }
    )

    name: str
    description: str
    schedule: str | None = Field(
        description="Cron expression in UTC, with a sixth field for seconds where it needs one."
    )
    events: list[str] = Field(description="Types of events soon after which it runs as well.")
    last_run_at: datetime | None
    last_duration_ms: int | None
    last_failed_at: datetime | None
    last_failure: str | None = Field(description="The class of the error, without what it says.")
    next_run_at: datetime | None

    @classmethod
    def of(cls, status: TaskStatus) -> ScheduledTaskOut:
        """Return a task's line."""
        task, last = status.task, status.last
        return cls(
            name=task.name,
            description=(task.run.__doc__ or "").split("\n", 1)[0],
            schedule=task.schedule,
            events=sorted(task.events),
            last_run_at=last.started_at if last else None,
            last_duration_ms=last.duration_ms if last else None,
            last_failed_at=last.failed_at if last else None,
            last_failure=last.failure if last else None,
            next_run_at=status.next_at,
        )


@router.get("/scheduled-tasks")
async def list_scheduled_tasks(
    who: StaffDep, parts: ContainerDep, session: SessionDep, now: NowDep
) -> Listing[ScheduledTaskOut]:
    """Background tasks by name, with the last run of each, the last failure and the next run."""
    statuses = await parts.worker.statuses(session, who, now)
    return Listing(items=[ScheduledTaskOut.of(status) for status in statuses], next_cursor=None)
