using Tarn.Core.Identity;

namespace Tarn.Core.Policy.Decisions;

/// <summary>One request as statements evaluate it.</summary>
internal readonly ref struct Evaluation
{
    private const string Anonymous = "anonymous";

    private readonly PolicyRequest _request;
    private readonly ref int _steps;

    /// <param name="request">The request.</param>
    /// <param name="resource">See <see cref="Resource"/>.</param>
    /// <param name="steps">The steps that are left; counted down.</param>
    public Evaluation(in PolicyRequest request, ReadOnlySpan<byte> resource, ref int steps)
    {
        _request = request;
        _steps = ref steps;
        Resource = resource;
    }

    /// <summary><c>bucket</c>, <c>bucket/key</c>, or nothing for a listing of buckets.</summary>
    public ReadOnlySpan<byte> Resource { get; }

    public S3Action Action => _request.Action;

    public Principal? Principal => _request.Principal;

    public DecisionScope? Scope => _request.Scope;

    /// <summary>Whether a text matches a pattern; <see cref="Fit.Unreadable"/> when the steps run out.</summary>
    public Fit Match(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text) => Wildcard.Match(pattern, text, ref _steps);

    /// <summary>Spends steps for work proportional to a number of bytes; false when they run out.</summary>
    public bool Spend(int bytes) => (_steps -= 1 + (bytes / Wildcard.BytesPerStep)) >= 0;

    /// <summary>
    /// The request's values for a key. An anonymous requester has those that the IAM User Guide lists under
    /// "AWS global condition context keys": an account and a user id called <c>anonymous</c>, and nothing else. A service has its name only.
    /// </summary>
    public ConditionValue Get(KeyReference reference) => reference.Key switch
    {
        ConditionKey.PrincipalIsService => Principal is null ? default : ConditionValue.Of(Principal.ServiceName is not null),
        ConditionKey.PrincipalServiceName => ConditionValue.Of(Principal?.ServiceName),
        >= ConditionKey.PrincipalArn when Principal?.ServiceName is not null => default,
        ConditionKey.PrincipalArn => ConditionValue.Of(Principal?.PolicyArn),
        ConditionKey.PrincipalOrgId => ConditionValue.Of(Principal?.OrganizationId),
        ConditionKey.PrincipalAccount => ConditionValue.Of(Principal is null ? Anonymous : Principal.OrganizationId),
        ConditionKey.PrincipalType => ConditionValue.Of(
            Principal is null ? "Anonymous" : Principal.Role is not null ? "AssumedRole" : Principal.IsRootUser ? "Account" : "User"),
        ConditionKey.UserId => ConditionValue.Of(Principal is null ? Anonymous : Principal.UserId),
        ConditionKey.UserName => ConditionValue.Of(Principal?.UserName),
        ConditionKey.MultiFactorAuthPresent or ConditionKey.MultiFactorAuthAge => default,
        ConditionKey.FederatedProvider => ConditionValue.Of(Principal?.Session?.Issuer),
        ConditionKey.Groups => Principal is { } member && member.OrganizationId == reference.Tag ? ConditionValue.Of(member.Groups) : default,
        ConditionKey.Claim => Principal?.Session?.Claim(reference.Tag!) is { } claim ? ConditionValue.Of(claim) : default,
        ConditionKey.EpochTime => EpochTime(),
        _ => _request.Conditions.Get(reference.Key, reference.Tag),
    };

    private ConditionValue EpochTime()
    {
        ConditionValue now = _request.Conditions.Get(ConditionKey.CurrentTime, null);
        return now.IsAbsent || now.TimeAt(0) is not { } time ? default : ConditionValue.Of(time.ToUnixTimeSeconds());
    }
}
