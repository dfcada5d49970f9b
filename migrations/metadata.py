"""Every table of the product in one metadata: importing the models is what registers them."""

from __future__ import annotations

import actions.compliance.kyc.models
import actions.compliance.models
import actions.compliance.monitoring.models
import actions.customers.card_control.models
import actions.customers.identity.models
import actions.customers.models
import actions.customers.source_models
import actions.marketing.models
import actions.products.models
import actions.recommendations.models
import actions.tickets.assignment
import actions.tickets.attachments
import actions.tickets.complaints.models
import actions.tickets.desk.filters
import actions.tickets.models
import actions.tickets.notices
import actions.tickets.notifications
import actions.tickets.problems.models
import actions.tickets.routing.models
import actions.tickets.ticket_config.models
import assistant.analytics.saved
import assistant.conversations.models
import assistant.copilot.models
import assistant.dialogue.flows.models
import core.accounts
import core.audit
import core.exchange_rates
import core.idempotency
import core.installation
import core.jobs
import core.outbox
import core.tasks
import core.webhooks
import knowledge_base.models
from core.database import Base

MODELS = (
    actions.compliance.kyc.models,
    actions.compliance.models,
    actions.compliance.monitoring.models,
    actions.customers.card_control.models,
    actions.customers.identity.models,
    actions.customers.models,
    actions.customers.source_models,
    actions.marketing.models,
    actions.products.models,
    actions.recommendations.models,
    actions.tickets.models,
    actions.tickets.assignment,
    actions.tickets.attachments,
    actions.tickets.problems.models,
    actions.tickets.desk.filters,
    actions.tickets.complaints.models,
    actions.tickets.notices,
    actions.tickets.notifications,
    actions.tickets.routing.models,
    actions.tickets.ticket_config.models,
    assistant.analytics.saved,
    assistant.conversations.models,
    assistant.copilot.models,
    assistant.dialogue.flows.models,
    core.accounts,
    core.audit,
    core.exchange_rates,
    core.idempotency,
    core.installation,
    core.jobs,
    core.outbox,
    core.tasks,
    core.webhooks,
    knowledge_base.models,
)
metadata = Base.metadata
