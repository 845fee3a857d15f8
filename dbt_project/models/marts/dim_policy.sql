select
    used.jurisdiction,
    policy.policy,
    policy.name,
    policy.name_vi,
    policy.compares,
    policy.due_basis,
    policy.missing_due,
    policy.source
from {{ source('reference', 'jurisdiction_policy') }} as used
inner join {{ ref('policy') }} as policy on policy.policy = used.policy
