using Tarn.Core.Errors;

namespace Tarn.Core.Policy;

/// <summary>Refusals of policies. They begin with S3's own words where those are known, and end with what is meant.</summary>
internal static class PolicyRefusal
{
    public const string NotJson = "Policies must be valid JSON and the first byte must be '{'";
    public const string InvalidPrincipal = "Invalid principal in policy";
    public const string InvalidAction = "Policy has invalid action";
    public const string InvalidResource = "Policy has invalid resource";
    public const string InvalidConditionKey = "Policy has an invalid condition key";
    public const string NotApplicable = "Action does not apply to any resource(s) in statement";

    public static S3Exception Because(string message) => new(S3Error.MalformedPolicy, message);

    /// <param name="what">The element or value meant; shortened, since it is the client's.</param>
    public static S3Exception Because(string message, string where, string what) =>
        Because($"{message}: {(what.Length > 200 ? $"{what[..200]}…" : what)} ({where})");
}
