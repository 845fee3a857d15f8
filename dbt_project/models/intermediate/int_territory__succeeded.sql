-- Where the territory of each unit is today: every way from a unit over its successors to those that stand now. A
-- district has no successor of its own; its territory is where its communes went.
with recursive territory as (

    select
        territory_key,
        statistics_code,
        parent_code,
        level,
        valid_from,
        valid_to
    from {{ ref('int_territory__version') }}

),

stated as (

    select
        gone.territory_key,
        gone.parent_code,
        gone.valid_to,
        come.territory_key as next_key
    from {{ ref('territory_change') }} as change
    inner join territory as gone
        on gone.statistics_code = change.old_code and gone.valid_to = change.effective_on
    inner join territory as come
        on come.statistics_code = change.new_code and {{ holds_on('come', 'change.effective_on') }}

),

through_parts as (

    select
        whole.territory_key,
        stated.next_key
    from territory as whole
    inner join stated on stated.parent_code = whole.statistics_code and stated.valid_to = whole.valid_to
    left join stated as own on own.territory_key = whole.territory_key
    where own.territory_key is null

),

step as (

    select
        territory_key,
        next_key
    from stated
    union
    select
        territory_key,
        next_key
    from through_parts

),

way (territory_key, reached_key) as (

    select
        territory_key,
        territory_key as reached_key
    from territory
    union all
    select
        way.territory_key,
        step.next_key as reached_key
    from way
    inner join step on step.territory_key = way.reached_key

),

arrived as (

    select distinct
        way.territory_key,
        way.reached_key,
        territory.level
    from way
    inner join territory on territory.territory_key = way.territory_key
    inner join territory as reached on reached.territory_key = way.reached_key
    where reached.valid_to is null

),

-- Those that were made of others on their first day; who only took others in was there before.
made as (

    select distinct step.next_key as territory_key
    from step
    inner join territory as gone on gone.territory_key = step.territory_key
    inner join territory as come on come.territory_key = step.next_key and come.valid_from = gone.valid_to

),

first_ones as (

    select
        arrived.reached_key,
        count(*) as made_of
    from arrived
    inner join territory as reached on reached.territory_key = arrived.reached_key and reached.level = arrived.level
    left join made on made.territory_key = arrived.territory_key
    where made.territory_key is null
    group by arrived.reached_key

)

select
    arrived.territory_key,
    arrived.reached_key,
    count(*) over (partition by arrived.territory_key) as targets,
    first_ones.made_of
from arrived
left join first_ones on first_ones.reached_key = arrived.reached_key
