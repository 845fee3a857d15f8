-- Every dossier of the systems once, settled field by field. The provincial system is the authority for times. Where it
-- has none, or one that cannot be (no due date, a finish before the receipt, a finish without its instant), the one-
-- stop register speaks, then the processing steps, then the portal; which of them spoke is kept beside the value.
{{ config(materialized='incremental', unique_key=['jurisdiction', 'dossier_code'], meta={'touched': 'dossier'}) }}
with identified as (

    select
        jurisdiction,
        system,
        record_code,
        dossier_code
    from {{ touched_of('int_record__identified', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched
    where place = 1

),

record as (

    select
        record.jurisdiction,
        identified.dossier_code,
        record.zone,
        record.system,
        record.source,
        record.delivery_id,
        record.file_sha256,
        record.row_number,
        record.row_sha256,
        record.normal_code,
        record.unit_number,
        record.unit_name,
        record.procedure_code,
        record.field_code,
        record.channel_code,
        record.status,
        record.submitted_at,
        record.received_at,
        record.due_at,
        case when record.resolved_at >= record.received_at then record.resolved_at end as resolved_at,
        record.resolved_at as stated_resolved_at,
        record.returned_at,
        record.closed_otherwise_at
    from identified
    inner join {{ those_of('int_record__gathered', 'identified', ['jurisdiction', 'system', 'record_code']) }} as record
        on
            record.jurisdiction = identified.jurisdiction
            and record.system = identified.system
            and record.record_code = identified.record_code

),

known as (

    select
        jurisdiction,
        dossier_code,
        min(zone) as zone,
        -- The system whose row stands for the dossier when it is explained.
        min(case system when 'provincial' then 1 when 'one_stop' then 2 else 3 end) as speaker
    from record
    group by
        jurisdiction,
        dossier_code

),

provincial as (

    select
        jurisdiction,
        dossier_code,
        source,
        delivery_id,
        file_sha256,
        row_number,
        row_sha256,
        normal_code,
        unit_number,
        unit_name,
        procedure_code,
        field_code,
        channel_code,
        status,
        submitted_at,
        received_at,
        due_at,
        resolved_at,
        stated_resolved_at,
        returned_at,
        closed_otherwise_at
    from record
    where system = 'provincial'

),

one_stop as (

    select
        jurisdiction,
        dossier_code,
        source,
        delivery_id,
        file_sha256,
        row_number,
        row_sha256,
        normal_code,
        unit_number,
        unit_name,
        procedure_code,
        field_code,
        channel_code,
        status,
        submitted_at,
        received_at,
        due_at,
        resolved_at,
        stated_resolved_at,
        returned_at,
        closed_otherwise_at
    from record
    where system = 'one_stop'

),

portal as (

    select
        jurisdiction,
        dossier_code,
        source,
        delivery_id,
        file_sha256,
        row_number,
        row_sha256,
        normal_code,
        unit_number,
        unit_name,
        procedure_code,
        field_code,
        channel_code,
        status,
        submitted_at,
        received_at,
        due_at,
        resolved_at,
        stated_resolved_at,
        returned_at,
        closed_otherwise_at
    from record
    where system = 'portal'

),

joined as (

    select
        known.jurisdiction,
        known.dossier_code,
        known.zone,
        known.speaker,
        provincial.dossier_code is not null as in_provincial,
        one_stop.dossier_code is not null as in_one_stop,
        portal.dossier_code is not null as in_portal,
        case known.speaker
            when 1 then provincial.source when 2 then one_stop.source else portal.source
        end as source,
        case known.speaker
            when 1 then provincial.delivery_id when 2 then one_stop.delivery_id else portal.delivery_id
        end as delivery_id,
        case known.speaker
            when 1 then provincial.file_sha256 when 2 then one_stop.file_sha256 else portal.file_sha256
        end as file_sha256,
        case known.speaker
            when 1 then provincial.row_number when 2 then one_stop.row_number else portal.row_number
        end as row_number,
        case known.speaker
            when 1 then provincial.row_sha256 when 2 then one_stop.row_sha256 else portal.row_sha256
        end as row_sha256,
        -- The unit it is with in the provincial system, or the one whose agency id its code bears.
        coalesce(unit.unit_code, unit_of_code.unit_code) as known_unit_code,
        coalesce(one_stop.unit_name, portal.unit_name) as unit_name,
        {{ text_before('known.dossier_code', "'-'") }} as code_unit,
        unit_of_code.unit_code as receiving_unit_code,
        coalesce(provincial.procedure_code, one_stop.procedure_code, portal.procedure_code) as procedure_code,
        coalesce(provincial.field_code, one_stop.field_code, portal.field_code) as field_code,
        coalesce(provincial.channel_code, one_stop.channel_code, portal.channel_code) as channel_code,
        coalesce(provincial.submitted_at, portal.submitted_at) as submitted_at,
        coalesce(provincial.received_at, one_stop.received_at, portal.received_at) as received_at,
        coalesce(provincial.returned_at, portal.returned_at) as returned_at,
        coalesce(provincial.status, one_stop.status, portal.status) as status,
        provincial.due_at as held_due_at,
        promised.moves,
        promised.due_at as promised_due_at,
        promised.first_due_at,
        one_stop.due_at as one_stop_due_at,
        portal.due_at as portal_due_at,
        -- Whether the authority holds the dossier finished: its status says so, or its finish is there.
        coalesce(
            provincial.status in ('9', '10') or provincial.stated_resolved_at is not null, false
        ) as authority_finished,
        provincial.resolved_at as provincial_resolved_at,
        one_stop.resolved_at as one_stop_resolved_at,
        case when one_stop.status in ('9', '10') then one_stop.resolved_at end as one_stop_finished_at,
        finished.finished_at as step_finished_at,
        case when portal.status in ('9', '10') then portal.resolved_at end as portal_finished_at,
        provincial.closed_otherwise_at as provincial_closed_at,
        one_stop.closed_otherwise_at as one_stop_closed_at,
        portal.closed_otherwise_at as portal_closed_at
    from known
    left join provincial
        on provincial.jurisdiction = known.jurisdiction and provincial.dossier_code = known.dossier_code
    left join one_stop
        on one_stop.jurisdiction = known.jurisdiction and one_stop.dossier_code = known.dossier_code
    left join portal
        on portal.jurisdiction = known.jurisdiction and portal.dossier_code = known.dossier_code
    left join {{ ref('int_unit__coded') }} as unit
        on unit.jurisdiction = known.jurisdiction and unit.unit_number = provincial.unit_number
    left join {{ ref('int_unit__coded') }} as unit_of_code
        on
            unit_of_code.jurisdiction = known.jurisdiction
            and unit_of_code.unit_code = {{ text_before('known.dossier_code', "'-'") }}
    left join {{ ref('int_dossier__promised') }} as promised
        on promised.jurisdiction = known.jurisdiction and promised.dossier_code = known.dossier_code
    left join {{ ref('int_progress__finished') }} as finished
        on finished.jurisdiction = known.jurisdiction and finished.normal_code = provincial.normal_code

),

settled as (

    select
        jurisdiction,
        dossier_code,
        zone,
        source,
        delivery_id,
        file_sha256,
        row_number,
        row_sha256,
        in_provincial,
        in_one_stop,
        in_portal,
        known_unit_code,
        unit_name,
        code_unit,
        receiving_unit_code,
        procedure_code,
        field_code,
        channel_code,
        status,
        submitted_at,
        received_at,
        returned_at,
        first_due_at,
        held_due_at,
        moves,
        promised_due_at,
        one_stop_due_at,
        portal_due_at,
        provincial_resolved_at,
        one_stop_resolved_at,
        one_stop_finished_at,
        step_finished_at,
        portal_finished_at,
        provincial_closed_at,
        one_stop_closed_at,
        portal_closed_at,
        case
            when promised_due_at is not null then 'provincial'
            when one_stop_due_at is not null then 'one_stop'
            when portal_due_at is not null then 'portal'
        end as due_from,
        case
            when in_provincial and not authority_finished then null
            when provincial_resolved_at is not null then 'provincial'
            when in_provincial and one_stop_resolved_at is not null then 'one_stop'
            when in_provincial and step_finished_at is not null then 'steps'
            when in_provincial and portal_finished_at is not null then 'portal'
            when in_provincial then null
            when in_one_stop and one_stop_finished_at is not null then 'one_stop'
            when in_one_stop then null
            when portal_finished_at is not null then 'portal'
        end as resolved_from
    from joined

)

select
    settled.jurisdiction,
    settled.dossier_code,
    settled.zone,
    settled.source,
    settled.delivery_id,
    settled.file_sha256,
    settled.row_number,
    settled.row_sha256,
    settled.in_provincial,
    settled.in_one_stop,
    settled.in_portal,
    coalesce(settled.known_unit_code, named_unit.unit_code, plainly_named.unit_code, settled.code_unit) as unit_code,
    -- A code bears the unit that took the dossier in; the portal's own codes bear none of ours.
    coalesce(
        settled.receiving_unit_code,
        settled.known_unit_code,
        named_unit.unit_code,
        plainly_named.unit_code,
        settled.code_unit
    ) as receiving_unit_code,
    coalesce(settled.procedure_code, 'unknown') as procedure_code,
    settled.field_code,
    -- The national side counts an empty channel as direct.
    coalesce(settled.channel_code, '1') as channel_code,
    settled.status,
    settled.submitted_at,
    settled.received_at,
    settled.first_due_at,
    settled.held_due_at,
    settled.moves as due_moves,
    case settled.due_from
        when 'provincial' then settled.promised_due_at
        when 'one_stop' then settled.one_stop_due_at
        when 'portal' then settled.portal_due_at
    end as due_at,
    settled.due_from,
    case settled.resolved_from
        when 'provincial' then settled.provincial_resolved_at
        when 'one_stop' then coalesce(settled.one_stop_finished_at, settled.one_stop_resolved_at)
        when 'steps' then settled.step_finished_at
        when 'portal' then settled.portal_finished_at
    end as resolved_at,
    settled.resolved_from,
    -- A result cannot be returned before it is there.
    case when settled.returned_at >= settled.received_at then settled.returned_at end as returned_at,
    case
        when settled.in_provincial then settled.provincial_closed_at
        when settled.in_one_stop then settled.one_stop_closed_at
        else settled.portal_closed_at
    end as closed_otherwise_at
from settled
left join {{ ref('int_unit__borne') }} as named_unit
    on named_unit.jurisdiction = settled.jurisdiction and named_unit.unit_name = settled.unit_name
left join {{ ref('int_unit__named') }} as plainly_named
    on plainly_named.jurisdiction = settled.jurisdiction and plainly_named.unit_name = settled.unit_name
