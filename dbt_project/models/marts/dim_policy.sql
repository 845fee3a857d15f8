select
    used.jurisdiction,
    policy.policy,
    policy.name,
    policy.name_vi,
    policy.compares,
    policy.due_basis,
    policy.missing_due,
    policy.supplement_time,
    policy.most_supplements,
    policy.closed_otherwise,
    policy.source
from {{ source('reference', 'jurisdiction_policy') }} as used
inner join {{ ref('policy') }} as policy on policy.policy = used.policy
