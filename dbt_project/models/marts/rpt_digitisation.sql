-- Digitisation and Đề án 06 in each complete period, by unit, by level and in all. What was received and what was
-- resolved in the period are counted apart, as the forms do.
with {{ periods_placed() }},

told as (

    select
        digitisation.jurisdiction,
        digitisation.unit_key,
        digitisation.in_province,
        digitisation.on_portal,
        digitisation.result_digitised,
        digitisation.data_reused,
        digitisation.parts_digitised,
        digitisation.population_linked,
        digitisation.account_verified,
        channel.kind = 'online' as is_online,
        {{ place_among('dossier.received_at', 'edge.edges') }} as received_place,
        case
            when digitisation.in_province and {{ stays_resolved('dossier') }}
                then {{ place_among('dossier.resolved_at', 'edge.edges') }}
        end as finished_place
    from {{ ref('fct_digitisation') }} as digitisation
    inner join {{ ref('fct_dossier') }} as dossier on dossier.dossier_key = digitisation.dossier_key
    inner join {{ ref('dim_channel') }} as channel on channel.channel_key = digitisation.channel_key
    inner join edge on edge.jurisdiction = digitisation.jurisdiction

),

-- Between which edges a dossier was received and finished says in which periods it is counted: each is looked at once,
-- and not once for each period that it may be of.
together as (

    select
        jurisdiction,
        unit_key,
        received_place,
        finished_place,
        count(*) as dossiers_told,
        sum(case when in_province then 1 else 0 end) as dossiers_in_province,
        sum(case when in_province and on_portal then 1 else 0 end) as dossiers_on_both,
        sum(case when data_reused then 1 else 0 end) as data_reused,
        sum(case when on_portal then 1 else 0 end) as dossiers_on_portal,
        sum(case when parts_digitised then 1 else 0 end) as parts_digitised,
        sum(case when population_linked then 1 else 0 end) as population_linked,
        sum(case when on_portal and is_online then 1 else 0 end) as online_on_portal,
        sum(case when is_online and account_verified then 1 else 0 end) as accounts_verified,
        sum(case when result_digitised then 1 else 0 end) as results_digitised
    from told
    group by
        jurisdiction,
        unit_key,
        received_place,
        finished_place

),

placed as (

    select
        period.jurisdiction,
        period.period,
        together.unit_key,
        case when together.received_place >= period.from_place then 1 else 0 end as is_received,
        case
            when together.finished_place >= period.from_place and together.finished_place < period.to_place then 1
            else 0
        end as is_finished,
        together.dossiers_told,
        together.dossiers_in_province,
        together.dossiers_on_both,
        together.data_reused,
        together.dossiers_on_portal,
        together.parts_digitised,
        together.population_linked,
        together.online_on_portal,
        together.accounts_verified,
        together.results_digitised
    from placed_period as period
    inner join together on together.jurisdiction = period.jurisdiction and together.received_place < period.to_place

),

counted as (

    select
        jurisdiction,
        period,
        unit_key,
        sum(is_received * dossiers_told) as dossiers_told,
        sum(is_received * dossiers_in_province) as dossiers_in_province,
        sum(is_received * dossiers_on_both) as dossiers_on_both,
        sum(is_received * data_reused) as data_reused,
        sum(is_received * dossiers_on_portal) as dossiers_on_portal,
        sum(is_received * parts_digitised) as parts_digitised,
        sum(is_received * population_linked) as population_linked,
        sum(is_received * online_on_portal) as online_on_portal,
        sum(is_received * accounts_verified) as accounts_verified,
        sum(is_finished * dossiers_told) as dossiers_finished,
        sum(is_finished * results_digitised) as results_digitised
    from placed
    where is_received = 1 or is_finished = 1
    group by
        jurisdiction,
        period,
        unit_key

),

of_unit as (

    select
        counted.jurisdiction,
        counted.period,
        counted.unit_key,
        unit.level,
        counted.dossiers_told,
        counted.dossiers_in_province,
        counted.dossiers_on_both,
        counted.data_reused,
        counted.dossiers_on_portal,
        counted.parts_digitised,
        counted.population_linked,
        counted.online_on_portal,
        counted.accounts_verified,
        counted.dossiers_finished,
        counted.results_digitised
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
        sum(dossiers_told) as dossiers_told,
        sum(dossiers_in_province) as dossiers_in_province,
        sum(dossiers_on_both) as dossiers_on_both,
        sum(data_reused) as data_reused,
        sum(dossiers_on_portal) as dossiers_on_portal,
        sum(parts_digitised) as parts_digitised,
        sum(population_linked) as population_linked,
        sum(online_on_portal) as online_on_portal,
        sum(accounts_verified) as accounts_verified,
        sum(dossiers_finished) as dossiers_finished,
        sum(results_digitised) as results_digitised
    from of_unit
    group by {{ by_unit_level_and_total(['jurisdiction', 'period']) }}

)

select
    {{ grain_key(['jurisdiction', 'period', 'row_kind', 'level', 'unit_key']) }} as digitisation_row_key,
    jurisdiction,
    {{ key_in('jurisdiction', 'period') }} as period_key,
    period,
    row_kind,
    level,
    unit_key,
    cast(dossiers_told as bigint) as dossiers_told,
    cast(dossiers_in_province as bigint) as dossiers_in_province,
    cast(dossiers_on_both as bigint) as dossiers_on_both,
    cast(data_reused as bigint) as data_reused,
    cast(dossiers_on_portal as bigint) as dossiers_on_portal,
    cast(parts_digitised as bigint) as parts_digitised,
    cast(population_linked as bigint) as population_linked,
    cast(online_on_portal as bigint) as online_on_portal,
    cast(accounts_verified as bigint) as accounts_verified,
    cast(dossiers_finished as bigint) as dossiers_finished,
    cast(results_digitised as bigint) as results_digitised,
    {{ percent_of('data_reused', 'dossiers_in_province') }} as data_reused_percent,
    {{ percent_of('parts_digitised', 'dossiers_on_portal') }} as parts_digitised_percent,
    {{ percent_of('population_linked', 'dossiers_on_portal') }} as population_linked_percent,
    {{ percent_of('accounts_verified', 'online_on_portal') }} as accounts_verified_percent,
    {{ percent_of('results_digitised', 'dossiers_finished') }} as results_digitised_percent
from summed
