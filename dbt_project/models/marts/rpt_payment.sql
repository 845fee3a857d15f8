-- Payment of fees and charges in each complete period, by unit, by level and in all: of the dossiers received in it,
-- what was asked for and what had been paid when it ended. Repetitions are counted apart, as everywhere.
with period as (

    select
        jurisdiction,
        period,
        from_at,
        to_at
    from {{ ref('dim_period') }}
    where is_complete

),

asked as (

    select
        period.jurisdiction,
        period.period,
        payment.dossier_key,
        payment.unit_key,
        payment.procedure_key,
        payment.amount,
        payment.is_repetition,
        not payment.is_repetition and coalesce(payment.paid_at < period.to_at, false) as is_paid,
        not payment.is_repetition and coalesce(payment.paid_at < period.to_at, false)
        and payment.way in ('portal', 'gateway') as is_paid_online
    from period
    inner join {{ ref('fct_dossier') }} as dossier
        on
            dossier.jurisdiction = period.jurisdiction
            and dossier.received_at >= period.from_at
            and dossier.received_at < period.to_at
    inner join {{ ref('fct_payment') }} as payment on payment.dossier_key = dossier.dossier_key

),

of_dossier as (

    select
        jurisdiction,
        period,
        dossier_key,
        unit_key,
        procedure_key,
        sum(case when is_repetition then 0 else 1 end) as payments_asked,
        sum(case when is_paid then 1 else 0 end) as payments_paid,
        sum(case when is_paid_online then 1 else 0 end) as payments_online,
        sum(case when is_repetition then 1 else 0 end) as payments_repeated,
        sum(case when is_repetition then 0 else amount end) as amount_asked,
        sum(case when is_paid then amount else 0 end) as amount_paid,
        sum(case when is_paid_online then amount else 0 end) as amount_online
    from asked
    group by
        jurisdiction,
        period,
        dossier_key,
        unit_key,
        procedure_key

),

on_portal as (

    select
        period.jurisdiction,
        period.period,
        told.unit_key,
        sum(1) as fees_on_portal,
        sum(case when told.online_payment in ('portal', 'gateway') then 1 else 0 end) as fees_online_on_portal
    from period
    inner join {{ ref('fct_dossier') }} as dossier
        on
            dossier.jurisdiction = period.jurisdiction
            and dossier.received_at >= period.from_at
            and dossier.received_at < period.to_at
    inner join {{ ref('fct_digitisation') }} as told on told.dossier_key = dossier.dossier_key
    where told.online_payment in ('portal', 'gateway', 'offline')
    group by
        period.jurisdiction,
        period.period,
        told.unit_key

),

counted as (

    select
        jurisdiction,
        period,
        unit_key,
        procedure_key,
        1 as dossiers_with_fee,
        case when payments_paid > 0 then 1 else 0 end as dossiers_paid,
        case when payments_online > 0 then 1 else 0 end as dossiers_paid_online,
        payments_asked,
        payments_paid,
        payments_online,
        payments_repeated,
        amount_asked,
        amount_paid,
        amount_online,
        case when payments_online > 0 then procedure_key end as procedure_paid_online,
        0 as fees_on_portal,
        0 as fees_online_on_portal
    from of_dossier
    union all
    select
        jurisdiction,
        period,
        unit_key,
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
        cast(null as {{ dbt.type_string() }}) as procedure_paid_online,
        fees_on_portal,
        fees_online_on_portal
    from on_portal

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
        counted.procedure_paid_online,
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
