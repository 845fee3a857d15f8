-- Units and the days on which they were as they were: as the lists had them, bounded by law where they serve a
-- territory; units that exist by law and stand in no list yet; and those that only dossiers or catalogues name.
with listed as (

    select
        jurisdiction,
        listed_on,
        place,
        file_sha256,
        row_number,
        row_sha256,
        unit_code,
        agency_id,
        unit_name,
        level,
        statistics_code,
        parent_code,
        territory_key,
        description_key,
        lag(place) over (
            partition by jurisdiction, unit_code
            order by place asc
        ) as place_before,
        lag(description_key) over (
            partition by jurisdiction, unit_code
            order by place asc
        ) as description_key_before
    from {{ ref('int_unit__listed') }}

),

numbered as (

    select
        jurisdiction,
        listed_on,
        place,
        file_sha256,
        row_number,
        row_sha256,
        unit_code,
        agency_id,
        unit_name,
        level,
        statistics_code,
        parent_code,
        territory_key,
        sum(case when place_before = place - 1 and description_key_before = description_key then 0 else 1 end) over (
            partition by jurisdiction, unit_code
            order by place asc
            rows between unbounded preceding and current row
        ) as run
    from listed

),

run as (

    select
        jurisdiction,
        unit_code,
        run,
        min(place) as first_place,
        max(place) as last_place
    from numbered
    group by
        jurisdiction,
        unit_code,
        run

),

list as (

    select
        jurisdiction,
        listed_on,
        place
    from {{ ref('int_list__state') }}
    where source = 'provincial' and stream = 'unit'

),

territory as (

    select
        territory_key,
        statistics_code,
        valid_from,
        valid_to,
        level,
        name,
        parent_code,
        province_code
    from {{ ref('int_territory__version') }}

),

-- What changed between two lists changed on the day by law, if there is one between them; else since the later list.
-- What the first list has was there before.
begun as (

    select
        run.jurisdiction,
        run.unit_code,
        run.first_place,
        run.last_place,
        last_state.agency_id,
        last_state.unit_name,
        last_state.level,
        last_state.statistics_code,
        last_state.parent_code,
        last_state.territory_key,
        -- Of the lists that said the same the first one: a later one that says it again changes no row.
        first_told.file_sha256,
        first_told.row_number,
        first_told.row_sha256,
        territory.valid_to as ended_by_law_on,
        following.listed_on as followed_on,
        case
            when
                territory.valid_from <= first_state.listed_on
                and (earlier.listed_on is null or territory.valid_from > earlier.listed_on)
                then territory.valid_from
            when earlier.listed_on is null then {{ beginning() }}
            else first_state.listed_on
        end as valid_from
    from run
    inner join list as first_state
        on first_state.jurisdiction = run.jurisdiction and first_state.place = run.first_place
    inner join numbered as last_state
        on
            last_state.jurisdiction = run.jurisdiction
            and last_state.unit_code = run.unit_code
            and last_state.place = run.last_place
    inner join numbered as first_told
        on
            first_told.jurisdiction = run.jurisdiction
            and first_told.unit_code = run.unit_code
            and first_told.place = run.first_place
    left join list as earlier on earlier.jurisdiction = run.jurisdiction and earlier.place = run.first_place - 1
    left join list as following on following.jurisdiction = run.jurisdiction and following.place = run.last_place + 1
    left join territory on territory.territory_key = last_state.territory_key

),

followed as (

    select
        jurisdiction,
        unit_code,
        agency_id,
        unit_name,
        level,
        statistics_code,
        parent_code,
        territory_key,
        file_sha256,
        row_number,
        row_sha256,
        ended_by_law_on,
        valid_from,
        -- The same unit described anew goes on without a gap; another end is the list's that no longer has it.
        case
            when
                lead(first_place) over (
                    partition by jurisdiction, unit_code
                    order by first_place asc
                ) = last_place + 1
                then
                    lead(valid_from) over (
                        partition by jurisdiction, unit_code
                        order by first_place asc
                    )
            else followed_on
        end as told_until
    from begun

),

of_list as (

    select
        jurisdiction,
        unit_code,
        agency_id,
        unit_name,
        level,
        statistics_code,
        parent_code,
        territory_key,
        file_sha256,
        row_number,
        row_sha256,
        valid_from,
        -- The law ends a unit whose list goes on.
        case
            when ended_by_law_on > valid_from and (told_until is null or ended_by_law_on < told_until)
                then ended_by_law_on
            else told_until
        end as valid_to
    from followed

),

province as (

    select distinct
        of_list.jurisdiction,
        territory.province_code
    from of_list
    inner join territory on territory.territory_key = of_list.territory_key

),

serving as (

    select
        jurisdiction,
        territory_key,
        min(unit_code) as unit_code,
        min(valid_from) as served_from,
        case when count(valid_to) = count(*) then max(valid_to) end as served_to
    from of_list
    where territory_key is not null
    group by
        jurisdiction,
        territory_key

),

-- A territory has its unit by law from its first day to its last, listed or not.
unlisted as (

    select
        province.jurisdiction,
        territory.territory_key,
        territory.statistics_code,
        territory.level,
        territory.name,
        territory.parent_code,
        territory.valid_from,
        -- A list may still have a unit whose territory has ended by law: it serves nothing then.
        case
            when territory.valid_to <= serving.served_from then territory.valid_to
            else coalesce(serving.served_from, territory.valid_to)
        end as valid_to
    from province
    inner join territory on territory.province_code = province.province_code
    left join serving
        on serving.jurisdiction = province.jurisdiction and serving.territory_key = territory.territory_key
    where serving.territory_key is null or territory.valid_from < serving.served_from
    union all
    select
        serving.jurisdiction,
        territory.territory_key,
        territory.statistics_code,
        territory.level,
        territory.name,
        territory.parent_code,
        serving.served_to as valid_from,
        territory.valid_to
    from serving
    inner join territory on territory.territory_key = serving.territory_key
    where serving.served_to < territory.valid_to or (serving.served_to is not null and territory.valid_to is null)

),

by_law as (

    select
        unlisted.jurisdiction,
        unlisted.statistics_code as unit_code,
        cast(null as {{ dbt.type_string() }}) as agency_id,
        unlisted.name as unit_name,
        unlisted.level,
        unlisted.statistics_code,
        coalesce(serving.unit_code, above.statistics_code) as parent_code,
        unlisted.territory_key,
        unlisted.valid_from,
        unlisted.valid_to
    from unlisted
    left join territory as above
        on above.statistics_code = unlisted.parent_code and {{ holds_on('above', 'unlisted.valid_from') }}
    left join serving
        on serving.jurisdiction = unlisted.jurisdiction and serving.territory_key = above.territory_key

),

named as (

    select
        jurisdiction,
        unit_code
    from {{ ref('int_dossier__current') }}
    union
    select
        jurisdiction,
        competent_unit_code as unit_code
    from {{ ref('int_dossier__current') }}
    union
    select
        jurisdiction,
        competent_unit_code as unit_code
    from {{ ref('int_catalogue__presence') }}

),

-- Nothing is known of them but that they are named: one version, from the beginning.
only_named as (

    select
        named.jurisdiction,
        named.unit_code
    from named
    left join of_list on of_list.jurisdiction = named.jurisdiction and of_list.unit_code = named.unit_code
    left join by_law on by_law.jurisdiction = named.jurisdiction and by_law.unit_code = named.unit_code
    where named.unit_code is not null and of_list.unit_code is null and by_law.unit_code is null

)

select
    jurisdiction,
    unit_code,
    agency_id,
    unit_name,
    level,
    statistics_code,
    parent_code,
    territory_key,
    valid_from,
    valid_to,
    file_sha256,
    row_number,
    row_sha256,
    'list' as known_from
from of_list
union all
select
    jurisdiction,
    unit_code,
    agency_id,
    unit_name,
    level,
    statistics_code,
    parent_code,
    territory_key,
    valid_from,
    valid_to,
    cast(null as {{ dbt.type_string() }}) as file_sha256,
    cast(null as {{ dbt.type_bigint() }}) as row_number,
    cast(null as {{ dbt.type_string() }}) as row_sha256,
    'law' as known_from
from by_law
union all
select
    jurisdiction,
    unit_code,
    cast(null as {{ dbt.type_string() }}) as agency_id,
    unit_code as unit_name,
    cast(null as {{ dbt.type_string() }}) as level,
    cast(null as {{ dbt.type_string() }}) as statistics_code,
    cast(null as {{ dbt.type_string() }}) as parent_code,
    cast(null as {{ dbt.type_string() }}) as territory_key,
    {{ beginning() }} as valid_from,
    cast(null as date) as valid_to,
    cast(null as {{ dbt.type_string() }}) as file_sha256,
    cast(null as {{ dbt.type_bigint() }}) as row_number,
    cast(null as {{ dbt.type_string() }}) as row_sha256,
    'mention' as known_from
from only_named
