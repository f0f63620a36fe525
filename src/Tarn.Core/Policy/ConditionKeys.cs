using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Policy;

/// <summary>A condition key as a policy names it.</summary>
/// <param name="Tag">The tag's key, case preserved, where the condition key is about one tag; else null.</param>
internal readonly record struct KeyReference(ConditionKey Key, string? Tag);

/// <summary>The names of condition keys.</summary>
internal static class ConditionKeys
{
    /// <summary>Every name; one that ends with a slash is followed by a tag's key.</summary>
    public static readonly FrozenDictionary<string, ConditionKey> ByName = new Dictionary<string, ConditionKey>
    {
        ["aws:SourceIp"] = ConditionKey.SourceIp,
        ["aws:SecureTransport"] = ConditionKey.SecureTransport,
        ["aws:CurrentTime"] = ConditionKey.CurrentTime,
        ["aws:EpochTime"] = ConditionKey.EpochTime,
        ["aws:UserAgent"] = ConditionKey.UserAgent,
        ["aws:Referer"] = ConditionKey.Referer,
        ["aws:SourceArn"] = ConditionKey.SourceArn,
        ["aws:SourceAccount"] = ConditionKey.SourceAccount,
        ["aws:PrincipalIsAWSService"] = ConditionKey.PrincipalIsService,
        ["aws:PrincipalServiceName"] = ConditionKey.PrincipalServiceName,
        ["aws:PrincipalArn"] = ConditionKey.PrincipalArn,
        ["aws:PrincipalOrgID"] = ConditionKey.PrincipalOrgId,
        ["cw:PrincipalOrgID"] = ConditionKey.PrincipalOrgId,
        ["aws:PrincipalAccount"] = ConditionKey.PrincipalAccount,
        ["aws:PrincipalType"] = ConditionKey.PrincipalType,
        ["aws:userid"] = ConditionKey.UserId,
        ["aws:username"] = ConditionKey.UserName,
        ["aws:MultiFactorAuthPresent"] = ConditionKey.MultiFactorAuthPresent,
        ["aws:MultiFactorAuthAge"] = ConditionKey.MultiFactorAuthAge,
        ["aws:FederatedProvider"] = ConditionKey.FederatedProvider,
        ["s3:TlsVersion"] = ConditionKey.TlsVersion,
        ["s3:prefix"] = ConditionKey.Prefix,
        ["s3:delimiter"] = ConditionKey.Delimiter,
        ["s3:max-keys"] = ConditionKey.MaxKeys,
        ["s3:x-amz-acl"] = ConditionKey.Acl,
        ["s3:x-amz-grant-read"] = ConditionKey.GrantRead,
        ["s3:x-amz-grant-write"] = ConditionKey.GrantWrite,
        ["s3:x-amz-grant-read-acp"] = ConditionKey.GrantReadAcp,
        ["s3:x-amz-grant-write-acp"] = ConditionKey.GrantWriteAcp,
        ["s3:x-amz-grant-full-control"] = ConditionKey.GrantFullControl,
        ["s3:x-amz-copy-source"] = ConditionKey.CopySource,
        ["s3:x-amz-metadata-directive"] = ConditionKey.MetadataDirective,
        ["s3:x-amz-content-sha256"] = ConditionKey.ContentSha256,
        ["s3:x-amz-storage-class"] = ConditionKey.StorageClass,
        ["s3:x-amz-server-side-encryption"] = ConditionKey.ServerSideEncryption,
        ["s3:authType"] = ConditionKey.AuthType,
        ["s3:signatureAge"] = ConditionKey.SignatureAge,
        ["s3:signatureversion"] = ConditionKey.SignatureVersion,
        ["s3:VersionId"] = ConditionKey.VersionId,
        ["s3:LocationConstraint"] = ConditionKey.LocationConstraint,
        ["s3:ExistingObjectTag/"] = ConditionKey.ExistingObjectTag,
        ["s3:RequestObjectTag/"] = ConditionKey.RequestObjectTag,
        ["s3:RequestObjectTagKeys"] = ConditionKey.RequestObjectTagKeys,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a key may have several values, so that it cannot stand in a text.</summary>
    public static bool IsMultiple(ConditionKey key) => key is ConditionKey.RequestObjectTagKeys or ConditionKey.Groups or ConditionKey.Claim;

    /// <summary>Parses a name; false when it is unknown. Case matters only in a tag's key and in what names an organization or a claim.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out KeyReference reference)
    {
        reference = default;
        if (string.IsNullOrEmpty(name))
        {
            return false;
        }

        if (TryParseGroups(name, out reference) || TryParseClaim(name, out reference))
        {
            return true;
        }

        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string known = slash < 0 ? name : name[..(slash + 1)];
        string? tag = slash < 0 ? null : name[(slash + 1)..];
        if (tag is { Length: 0 } || !ByName.TryGetValue(known, out ConditionKey key))
        {
            return false;
        }

        reference = new KeyReference(key, tag);
        return true;
    }

    /// <summary>Source: CoreWeave AI Object Storage, "Exchange an API access token", "Group-based access control".</summary>
    private static bool TryParseGroups(string name, out KeyReference reference)
    {
        const string Prefix = "iam:", Suffix = ":groups";
        bool fits = name.Length > Prefix.Length + Suffix.Length
            && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);
        reference = fits ? new KeyReference(ConditionKey.Groups, name[Prefix.Length..^Suffix.Length]) : default;
        return fits && PrincipalArn.IsName(reference.Tag!);
    }

    /// <summary>
    /// ISSUER:CLAIM, the issuer being a host, a port or a path of it: what has none of them is a mistake in the name of another key. Source: IAM User
    /// Guide, "Available keys for AWS OIDC federation".
    /// </summary>
    private static bool TryParseClaim(string name, out KeyReference reference)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        ReadOnlySpan<char> first = colon < 0 ? default : name.AsSpan(0, colon);
        bool fits = colon > 0 && colon < name.Length - 1 && first is not ("aws" or "s3" or "iam" or "cw" or "sts")
            && (first.ContainsAny('.', '/') || (name.AsSpan(colon + 1).Contains(':') && char.IsAsciiDigit(name[colon + 1])))
            && !name.Any(char.IsControl);
        reference = fits ? new KeyReference(ConditionKey.Claim, name) : default;
        return fits;
    }
}
