-- Form II.07b/VPCP/KSTT at each complete period's end: what the catalogue has in force on its last day, what of that is
-- taken in under the one-stop mechanism, and what has an internal workflow.
with period as (

    select
        period.period_key,
        period.jurisdiction,
        period.period,
        period.period_to,
        max(snapshot.snapshot_on) as catalogue_known_on
    from {{ ref('dim_period') }} as period
    -- Before the first export nothing is known of the catalogue, which is not the same as none in force.
    inner join {{ ref('int_catalogue__snapshot') }} as snapshot
        on snapshot.jurisdiction = period.jurisdiction and snapshot.snapshot_on < period.period_to
    where period.is_complete
    group by
        period.period_key,
        period.jurisdiction,
        period.period,
        period.period_to

),

one_stop as (

    select
        jurisdiction,
        procedure_code,
        max(case when level = 'province' then 1 else 0 end) as at_province,
        max(case when level = 'district' then 1 else 0 end) as at_district,
        max(case when level = 'commune' then 1 else 0 end) as at_commune
    from {{ ref('bridge_procedure_unit') }}
    group by
        jurisdiction,
        procedure_code

),

in_force as (

    select
        period.period_key,
        procedure.level,
        case when procedure.levels like '%Tỉnh%' then 1 else 0 end as at_province,
        case when procedure.levels like '%Huyện%' then 1 else 0 end as at_district,
        case when procedure.levels like '%Xã%' then 1 else 0 end as at_commune,
        case when one_stop.procedure_code is not null then 1 else 0 end as one_stop,
        coalesce(one_stop.at_province, 0) as one_stop_at_province,
        coalesce(one_stop.at_district, 0) as one_stop_at_district,
        coalesce(one_stop.at_commune, 0) as one_stop_at_commune,
        case when procedure.has_workflow then 1 else 0 end as workflow,
        -- The list of today says nothing of a procedure that has ended since.
        case
            when one_stop.procedure_code is null and in_force.valid_to is not null then 1
            else 0
        end as one_stop_unknown
    from period
    inner join {{ ref('fct_catalogue_in_force') }} as in_force
        on
            in_force.jurisdiction = period.jurisdiction
            and in_force.valid_from < period.period_to
            and (in_force.valid_to is null or in_force.valid_to >= period.period_to)
    inner join {{ ref('dim_procedure') }} as procedure
        on procedure.procedure_key = in_force.procedure_key and procedure.is_current
    left join one_stop
        on
            one_stop.jurisdiction = procedure.jurisdiction
            and one_stop.procedure_code = procedure.procedure_code

),

counted as (

    select
        period_key,
        count(*) as in_authority_total,
        sum(case when level = 'province' then 1 else 0 end) as in_authority_province,
        sum(case when level = 'district' then 1 else 0 end) as in_authority_district,
        sum(case when level = 'commune' then 1 else 0 end) as in_authority_commune,
        sum(case when level is null then 1 else 0 end) as in_authority_no_level,
        sum(one_stop) as one_stop_total,
        sum(case when level = 'province' then one_stop else 0 end) as one_stop_province,
        sum(case when level = 'district' then one_stop else 0 end) as one_stop_district,
        sum(case when level = 'commune' then one_stop else 0 end) as one_stop_commune,
        sum(case when level is null then one_stop else 0 end) as one_stop_no_level,
        sum(workflow) as workflow_total,
        sum(case when level = 'province' then workflow else 0 end) as workflow_province,
        sum(case when level = 'district' then workflow else 0 end) as workflow_district,
        sum(case when level = 'commune' then workflow else 0 end) as workflow_commune,
        sum(case when level is null then workflow else 0 end) as workflow_no_level,
        sum(at_province) as in_authority_at_province,
        sum(at_district) as in_authority_at_district,
        sum(at_commune) as in_authority_at_commune,
        sum(at_province * one_stop_at_province) as one_stop_at_province,
        sum(at_district * one_stop_at_district) as one_stop_at_district,
        sum(at_commune * one_stop_at_commune) as one_stop_at_commune,
        sum(at_province * workflow) as workflow_at_province,
        sum(at_district * workflow) as workflow_at_district,
        sum(at_commune * workflow) as workflow_at_commune,
        sum(one_stop_unknown) as one_stop_unknown
    from in_force
    group by period_key

)

select
    period.period_key,
    period.jurisdiction,
    period.period,
    period.catalogue_known_on,
    cast(coalesce(counted.in_authority_total, 0) as bigint) as in_authority_total,
    cast(coalesce(counted.in_authority_province, 0) as bigint) as in_authority_province,
    cast(coalesce(counted.in_authority_district, 0) as bigint) as in_authority_district,
    cast(coalesce(counted.in_authority_commune, 0) as bigint) as in_authority_commune,
    cast(coalesce(counted.in_authority_no_level, 0) as bigint) as in_authority_no_level,
    cast(coalesce(counted.one_stop_total, 0) as bigint) as one_stop_total,
    cast(coalesce(counted.one_stop_province, 0) as bigint) as one_stop_province,
    cast(coalesce(counted.one_stop_district, 0) as bigint) as one_stop_district,
    cast(coalesce(counted.one_stop_commune, 0) as bigint) as one_stop_commune,
    cast(coalesce(counted.one_stop_no_level, 0) as bigint) as one_stop_no_level,
    cast(coalesce(counted.workflow_total, 0) as bigint) as workflow_total,
    cast(coalesce(counted.workflow_province, 0) as bigint) as workflow_province,
    cast(coalesce(counted.workflow_district, 0) as bigint) as workflow_district,
    cast(coalesce(counted.workflow_commune, 0) as bigint) as workflow_commune,
    cast(coalesce(counted.workflow_no_level, 0) as bigint) as workflow_no_level,
    cast(coalesce(counted.in_authority_at_province, 0) as bigint) as in_authority_at_province,
    cast(coalesce(counted.in_authority_at_district, 0) as bigint) as in_authority_at_district,
    cast(coalesce(counted.in_authority_at_commune, 0) as bigint) as in_authority_at_commune,
    cast(coalesce(counted.one_stop_at_province, 0) as bigint) as one_stop_at_province,
    cast(coalesce(counted.one_stop_at_district, 0) as bigint) as one_stop_at_district,
    cast(coalesce(counted.one_stop_at_commune, 0) as bigint) as one_stop_at_commune,
    cast(coalesce(counted.workflow_at_province, 0) as bigint) as workflow_at_province,
    cast(coalesce(counted.workflow_at_district, 0) as bigint) as workflow_at_district,
    cast(coalesce(counted.workflow_at_commune, 0) as bigint) as workflow_at_commune,
    cast(coalesce(counted.one_stop_unknown, 0) as bigint) as one_stop_unknown
from period
left join counted on counted.period_key = period.period_key
