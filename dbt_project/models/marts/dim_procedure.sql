with version as (

    select
        jurisdiction,
        procedure_code,
        valid_from,
        valid_to,
        decided_name,
        row_number() over (
            partition by jurisdiction, procedure_code
            order by valid_from desc, valid_to desc nulls last
        ) as recency
    from {{ ref('int_procedure__version') }}

),

run as (

    select
        jurisdiction,
        track,
        source,
        procedure_code,
        since,
        procedure_name,
        field_name,
        competent_unit_code,
        levels,
        time_limit,
        limit_unit,
        interlinking,
        has_workflow,
        is_essential,
        online_level
    from {{ ref('int_procedure__run') }}

),

-- Of each track what it said last by the version's first day; what it said first where it said nothing by then.
told as (

    select
        version.jurisdiction,
        version.procedure_code,
        version.valid_from,
        run.track,
        run.procedure_name,
        run.field_name,
        run.competent_unit_code,
        run.levels,
        run.time_limit,
        run.limit_unit,
        run.interlinking,
        run.has_workflow,
        run.is_essential,
        run.online_level,
        row_number() over (
            partition by version.jurisdiction, version.procedure_code, version.valid_from, run.track
            order by
                case when run.since <= version.valid_from then 0 else 1 end asc,
                case when run.since <= version.valid_from then run.since end desc nulls last,
                run.since asc,
                run.source asc
        ) as choice
    from version
    inner join run
        on run.jurisdiction = version.jurisdiction and run.procedure_code = version.procedure_code

),

-- Procedures whose field a list always tells: their dossiers are not asked.
with_field as (

    select
        jurisdiction,
        procedure_code
    from run
    where track in ('catalogue', 'system')
    group by
        jurisdiction,
        procedure_code
    having count(*) = count(field_name)

),

in_dossiers as (

    select
        dossier.jurisdiction,
        dossier.procedure_code,
        dossier.field_name,
        row_number() over (
            partition by dossier.jurisdiction, dossier.procedure_code
            order by dossier.received_at desc, dossier.dossier_code desc
        ) as recency
    from {{ ref('int_dossier__current') }} as dossier
    left join with_field
        on
            with_field.jurisdiction = dossier.jurisdiction
            and with_field.procedure_code = dossier.procedure_code
    where with_field.procedure_code is null

)

select
    {{ version_key(key_in('version.jurisdiction', 'version.procedure_code'), 'version.valid_from') }}
        as procedure_version_key,
    {{ key_in('version.jurisdiction', 'version.procedure_code') }} as procedure_key,
    version.jurisdiction,
    version.procedure_code,
    coalesce(
        in_catalogue.procedure_name, in_system.procedure_name, version.decided_name, version.procedure_code
    ) as procedure_name,
    coalesce(in_catalogue.field_name, in_system.field_name, in_dossiers.field_name) as field_name,
    {{ key_in('version.jurisdiction', 'in_catalogue.competent_unit_code') }} as competent_unit_key,
    in_catalogue.levels,
    -- Counted once, at the highest level that settles it.
    case
        when in_catalogue.levels like '%Tỉnh%' then 'province'
        when in_catalogue.levels like '%Huyện%' then 'district'
        when in_catalogue.levels like '%Xã%' then 'commune'
    end as level,
    in_system.interlinking,
    case
        when in_system.interlinking = 'KHONG_LIEN_THONG' then 'none'
        when in_system.interlinking in ('LIEN_THONG_CUNG_CAP', 'LIEN_THONG_SO_VPUB') then 'same_level'
        when in_system.interlinking is not null then 'across_levels'
    end as interlinked,
    in_system.has_workflow,
    in_system.time_limit,
    {{ limit_unit('in_system.limit_unit') }} as limit_unit,
    case in_offer.online_level when '4' then 'full' when '3' then 'partial' when '2' then 'information' end
        as online_level,
    -- The national code's first figure says it.
    case
        when version.procedure_code like '1.______' then 'delegated_by_law'
        when version.procedure_code like '2.______' then 'not_left_to_localities'
        when version.procedure_code like '3.______' then 'other'
    end as delegation,
    version.valid_from,
    version.valid_to,
    version.recency = 1 as is_current,
    in_system.is_essential
from version
left join told as in_catalogue
    on
        in_catalogue.jurisdiction = version.jurisdiction
        and in_catalogue.procedure_code = version.procedure_code
        and in_catalogue.valid_from = version.valid_from
        and in_catalogue.track = 'catalogue'
        and in_catalogue.choice = 1
left join told as in_system
    on
        in_system.jurisdiction = version.jurisdiction
        and in_system.procedure_code = version.procedure_code
        and in_system.valid_from = version.valid_from
        and in_system.track = 'system'
        and in_system.choice = 1
left join told as in_offer
    on
        in_offer.jurisdiction = version.jurisdiction
        and in_offer.procedure_code = version.procedure_code
        and in_offer.valid_from = version.valid_from
        and in_offer.track = 'offer'
        and in_offer.choice = 1
left join in_dossiers
    on
        in_dossiers.jurisdiction = version.jurisdiction
        and in_dossiers.procedure_code = version.procedure_code
        and in_dossiers.recency = 1
