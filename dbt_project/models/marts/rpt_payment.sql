-- Payment of fees and charges in each complete period, by unit, by level and in all: of the dossiers received in it,
-- what was asked for and what had been paid when it ended. Repetitions are counted apart, as everywhere.
with {{ periods_placed() }},

-- Between which edges a dossier was received and paid for says in which periods it is counted, and as what.
asked as (

    select
        dossier.jurisdiction,
        {{ place_among('dossier.received_at', 'edge.edges') }} as received_place,
        payment.dossier_key,
        payment.unit_key,
        payment.procedure_key,
        payment.amount,
        payment.is_repetition,
        case when not payment.is_repetition then {{ place_among('payment.paid_at', 'edge.edges') }} end as paid_place,
        case
            when not payment.is_repetition and payment.way in ('portal', 'gateway')
                then {{ place_among('payment.paid_at', 'edge.edges') }}
        end as paid_online_place
    from {{ ref('fct_payment') }} as payment
    inner join {{ ref('fct_dossier') }} as dossier on dossier.dossier_key = payment.dossier_key
    inner join edge on edge.jurisdiction = dossier.jurisdiction

),

-- One with a fee, however many requests there are; paid from the first payment on.
of_dossier as (

    select
        jurisdiction,
        received_place,
        dossier_key,
        unit_key,
        procedure_key,
        min(paid_place) as paid_place,
        min(paid_online_place) as paid_online_place
    from asked
    group by
        jurisdiction,
        received_place,
        dossier_key,
        unit_key,
        procedure_key

),

fee as (

    select
        jurisdiction,
        received_place,
        unit_key,
        procedure_key,
        paid_place,
        paid_online_place,
        count(*) as dossiers
    from of_dossier
    group by
        jurisdiction,
        received_place,
        unit_key,
        procedure_key,
        paid_place,
        paid_online_place

),

request as (

    select
        jurisdiction,
        received_place,
        unit_key,
        paid_place,
        paid_online_place,
        sum(case when is_repetition then 0 else 1 end) as payments,
        sum(case when is_repetition then 1 else 0 end) as payments_repeated,
        sum(case when is_repetition then 0 else amount end) as amount
    from asked
    group by
        jurisdiction,
        received_place,
        unit_key,
        paid_place,
        paid_online_place

),

on_portal as (

    select
        dossier.jurisdiction,
        {{ place_among('dossier.received_at', 'edge.edges') }} as received_place,
        told.unit_key,
        count(*) as fees,
        sum(case when told.online_payment in ('portal', 'gateway') then 1 else 0 end) as fees_online
    from {{ ref('fct_digitisation') }} as told
    inner join {{ ref('fct_dossier') }} as dossier on dossier.dossier_key = told.dossier_key
    inner join edge on edge.jurisdiction = dossier.jurisdiction
    where told.online_payment in ('portal', 'gateway', 'offline')
    group by
        dossier.jurisdiction,
        {{ place_among('dossier.received_at', 'edge.edges') }},
        told.unit_key

),

-- By procedure first: counting the distinct ones sorts what is left.
counted as (

    select
        period.jurisdiction,
        period.period,
        fee.unit_key,
        fee.procedure_key,
        sum(fee.dossiers) as dossiers_with_fee,
        sum(case when fee.paid_place < period.to_place then fee.dossiers else 0 end) as dossiers_paid,
        sum(case when fee.paid_online_place < period.to_place then fee.dossiers else 0 end) as dossiers_paid_online,
        0 as payments_asked,
        0 as payments_paid,
        0 as payments_online,
        0 as payments_repeated,
        0 as amount_asked,
        0 as amount_paid,
        0 as amount_online,
        0 as fees_on_portal,
        0 as fees_online_on_portal
    from fee
    inner join placed_period as period on {{ placed_in('fee', 'period') }}
    group by
        period.jurisdiction,
        period.period,
        fee.unit_key,
        fee.procedure_key
    union all
    select
        period.jurisdiction,
        period.period,
        request.unit_key,
        cast(null as {{ dbt.type_string() }}) as procedure_key,
        0 as dossiers_with_fee,
        0 as dossiers_paid,
        0 as dossiers_paid_online,
        sum(request.payments) as payments_asked,
        sum(case when request.paid_place < period.to_place then request.payments else 0 end) as payments_paid,
        sum(case when request.paid_online_place < period.to_place then request.payments else 0 end) as payments_online,
        sum(request.payments_repeated) as payments_repeated,
        sum(request.amount) as amount_asked,
        sum(case when request.paid_place < period.to_place then request.amount else 0 end) as amount_paid,
        sum(case when request.paid_online_place < period.to_place then request.amount else 0 end) as amount_online,
        0 as fees_on_portal,
        0 as fees_online_on_portal
    from request
    inner join placed_period as period on {{ placed_in('request', 'period') }}
    group by
        period.jurisdiction,
        period.period,
        request.unit_key
    union all
    select
        period.jurisdiction,
        period.period,
        told.unit_key,
        cast(null as {{ dbt.type_string() }}) as procedure_key,
        0 as dossiers_with_fee,
        0 as dossiers_paid,
        0 as dossiers_paid_online,
        0 as payments_asked,
        0 as payments_paid,
        0 as payments_online,
        0 as payments_repeated,
        0 as amount_asked,
        0 as amount_paid,
        0 as amount_online,
        sum(told.fees) as fees_on_portal,
        sum(told.fees_online) as fees_online_on_portal
    from on_portal as told
    inner join placed_period as period on {{ placed_in('told', 'period') }}
    group by
        period.jurisdiction,
        period.period,
        told.unit_key

),

of_unit as (

    select
        counted.jurisdiction,
        counted.period,
        unit.level,
        counted.unit_key,
        counted.procedure_key,
        counted.dossiers_with_fee,
        counted.dossiers_paid,
        counted.dossiers_paid_online,
        counted.payments_asked,
        counted.payments_paid,
        counted.payments_online,
        counted.payments_repeated,
        counted.amount_asked,
        counted.amount_paid,
        counted.amount_online,
        case when counted.dossiers_paid_online > 0 then counted.procedure_key end as procedure_paid_online,
        counted.fees_on_portal,
        counted.fees_online_on_portal
    from counted
    inner join {{ ref('dim_unit') }} as unit on unit.unit_key = counted.unit_key and unit.is_current

),

summed as (

    select
        jurisdiction,
        period,
        level,
        unit_key,
        {{ kind_of_row() }} as row_kind,
        sum(dossiers_with_fee) as dossiers_with_fee,
        sum(dossiers_paid) as dossiers_paid,
        sum(dossiers_paid_online) as dossiers_paid_online,
        sum(payments_asked) as payments_asked,
        sum(payments_paid) as payments_paid,
        sum(payments_online) as payments_online,
        sum(payments_repeated) as payments_repeated,
        sum(amount_asked) as amount_asked,
        sum(amount_paid) as amount_paid,
        sum(amount_online) as amount_online,
        count(distinct procedure_key) as procedures_with_fee,
        count(distinct procedure_paid_online) as procedures_paid_online,
        sum(fees_on_portal) as fees_on_portal,
        sum(fees_online_on_portal) as fees_online_on_portal
    from of_unit
    group by {{ by_unit_level_and_total(['jurisdiction', 'period']) }}

)

select
    {{ grain_key(['jurisdiction', 'period', 'row_kind', 'level', 'unit_key']) }} as payment_row_key,
    jurisdiction,
    {{ key_in('jurisdiction', 'period') }} as period_key,
    period,
    row_kind,
    level,
    unit_key,
    cast(dossiers_with_fee as bigint) as dossiers_with_fee,
    cast(dossiers_paid as bigint) as dossiers_paid,
    cast(dossiers_paid_online as bigint) as dossiers_paid_online,
    cast(payments_asked as bigint) as payments_asked,
    cast(payments_paid as bigint) as payments_paid,
    cast(payments_online as bigint) as payments_online,
    cast(payments_repeated as bigint) as payments_repeated,
    cast(amount_asked as bigint) as amount_asked,
    cast(amount_paid as bigint) as amount_paid,
    cast(amount_online as bigint) as amount_online,
    cast(procedures_with_fee as bigint) as procedures_with_fee,
    cast(procedures_paid_online as bigint) as procedures_paid_online,
    cast(fees_on_portal as bigint) as fees_on_portal,
    cast(fees_online_on_portal as bigint) as fees_online_on_portal,
    {{ percent_of('dossiers_paid_online', 'dossiers_with_fee') }} as dossiers_paid_online_percent,
    {{ percent_of('payments_online', 'payments_paid') }} as payments_online_percent,
    {{ percent_of('fees_online_on_portal', 'fees_on_portal') }} as fees_online_on_portal_percent
from summed
