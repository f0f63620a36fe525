using Tarn.Core.Identity;

namespace Tarn.Core.Policy;

/// <summary>One request as statements look at it.</summary>
internal readonly ref struct Evaluation
{
    private const string Anonymous = "anonymous";

    private readonly PolicyRequest _request;

    public Evaluation(in PolicyRequest request, ReadOnlySpan<byte> resource)
    {
        _request = request;
        Resource = resource;
    }

    /// <summary><c>bucket</c>, <c>bucket/key</c>, or nothing for a listing of buckets.</summary>
    public ReadOnlySpan<byte> Resource { get; }

    public S3Action Action => _request.Action;

    public Principal? Principal => _request.Principal;

    /// <summary>
    /// What the request has under a key. What is known of an anonymous requester is what the IAM User Guide says under
    /// "AWS global condition context keys": an account and a user id called <c>anonymous</c>, and nothing else.
    /// </summary>
    public ConditionValue Get(KeyReference reference) => reference.Key switch
    {
        ConditionKey.PrincipalArn => ConditionValue.Of(Principal?.Arn),
        ConditionKey.PrincipalOrgId => ConditionValue.Of(Principal?.OrganizationId),
        ConditionKey.PrincipalAccount => ConditionValue.Of(Principal is null ? Anonymous : Principal.OrganizationId),
        ConditionKey.PrincipalType => ConditionValue.Of(Principal is null ? "Anonymous" : Principal.IsRoot ? "Account" : "User"),
        ConditionKey.UserId => ConditionValue.Of(Principal is null ? Anonymous : Principal.UserId),
        ConditionKey.UserName => ConditionValue.Of(Principal?.UserName),
        ConditionKey.MultiFactorAuthPresent or ConditionKey.MultiFactorAuthAge => default,
        ConditionKey.EpochTime => EpochTime(),
        _ => _request.Conditions.Get(reference.Key, reference.Tag),
    };

    private ConditionValue EpochTime()
    {
        ConditionValue now = _request.Conditions.Get(ConditionKey.CurrentTime, null);
        return now.IsAbsent || now.TimeAt(0) is not { } time ? default : ConditionValue.Of(time.ToUnixTimeSeconds());
    }
}
