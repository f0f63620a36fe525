using Tarn.Core.Errors;

namespace Tarn.Core.Policy.Documents;

/// <summary>The versions of the IAM JSON policy language. Source: IAM User Guide, "IAM JSON policy elements: Version".</summary>
internal static class PolicyVersions
{
    /// <summary>The version of new policies.</summary>
    public const string Current = "2012-10-17";

    /// <summary>Also the version of a policy without a Version element. It has no variables.</summary>
    private const string Older = "2008-10-17";

    /// <summary>Whether <c>${…}</c> is a variable in a policy.</summary>
    /// <exception cref="S3Exception">MalformedPolicy: there is no such version.</exception>
    public static bool HasVariables(PolicyObject policy, string where) => ElementReader.OptionalText(policy, "Version", where) switch
    {
        Current => true,
        null or Older => false,
        string other => throw PolicyRefusal.Because("The policy must contain a valid version string", where, other),
    };
}
