using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Wire;

namespace Tarn.S3.Access;

/// <summary>
/// Access control lists in headers: <c>x-amz-acl</c>, or <c>x-amz-grant-*</c> with lists like <c>id="…", uri="…", emailAddress="…"</c>.
/// Source: Amazon S3 API Reference, PutObjectAcl.
/// </summary>
internal sealed class AclHeaders(GranteeResolver grantees)
{
    public const string CannedName = "x-amz-acl";

    private static readonly (string Name, AclPermission Permission)[] GrantHeaders =
    [
        ("x-amz-grant-full-control", AclPermission.FullControl),
        ("x-amz-grant-read", AclPermission.Read),
        ("x-amz-grant-write", AclPermission.Write),
        ("x-amz-grant-read-acp", AclPermission.ReadAcp),
        ("x-amz-grant-write-acp", AclPermission.WriteAcp),
    ];

    /// <summary>Whether the request has any of them.</summary>
    public static bool Any(IHeaderDictionary headers) => AreIn(headers.ContainsKey);

    /// <summary>Whether any of them is there.</summary>
    /// <param name="has">Whether there is a header of a name.</param>
    public static bool AreIn(Func<string, bool> has) => has(CannedName) || Array.Exists(GrantHeaders, grant => has(grant.Name));

    /// <summary>Reads the headers; null when there are none.</summary>
    /// <param name="headers">The request's.</param>
    /// <param name="ofBucket">Whether the list is for a bucket: a few canned ACLs exist only for buckets or only for objects.</param>
    /// <param name="known">Canonical user ids that are valid even if the directory does not have them: the owners'.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="S3Exception">InvalidArgument; InvalidRequest for both kinds at once; UnresolvableGrantByEmailAddress; AmbiguousGrantByEmailAddress.</exception>
    public async ValueTask<RequestedAcl?> ReadAsync(IHeaderDictionary headers, bool ofBucket, string[] known, CancellationToken cancellationToken)
    {
        if (!Any(headers))
        {
            return null;
        }

        List<Grant>? grants = null;
        foreach ((string name, AclPermission permission) in GrantHeaders)
        {
            if (headers.TryGetValue(name, out var value))
            {
                await ReadGrantsAsync(grants ??= [], name, value.ToString(), permission, known, cancellationToken);
            }
        }

        if (!headers.TryGetValue(CannedName, out var canned))
        {
            return new RequestedAcl(null, AccessControlList.Create(grants!).Grants);
        }

        if (grants is not null)
        {
            throw new S3Exception(S3Error.InvalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed");
        }

        return CannedAcl.Expand(canned.ToString(), "", ofBucket ? null : "") is null
            ? throw Arguments.Invalid("The canned ACL is not one that this resource can have.", CannedName, canned.ToString())
            : new RequestedAcl(canned.ToString(), []);
    }

    private async ValueTask ReadGrantsAsync(
        List<Grant> grants, string header, string value, AclPermission permission, string[] known, CancellationToken cancellationToken)
    {
        foreach (string item in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = item.IndexOf('=');
            string kind = equals < 0 ? "" : item[..equals].TrimEnd();
            string name = equals < 0 ? "" : item[(equals + 1)..].Trim().Trim('"');
            Grantee grantee = kind.ToLowerInvariant() switch
            {
                "id" => await grantees.ByIdAsync(name, known, cancellationToken),
                "uri" => GranteeResolver.ByUri(name),
                "emailaddress" => await grantees.ByEmailAsync(name, cancellationToken),
                _ => throw Arguments.Invalid("Argument format not recognized", header, value),
            };
            grants.Add(new Grant(grantee, permission));
        }
    }
}
