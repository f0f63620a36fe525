using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Access;

/// <summary>The document of an access control list. Source: Amazon S3 API Reference, data type AccessControlPolicy.</summary>
internal sealed class AclXml(GranteeResolver grantees)
{
    /// <summary>Reads the grants of a document.</summary>
    /// <param name="document">Its root.</param>
    /// <param name="ownerId">The owner of the bucket or object: a document cannot change the owner.</param>
    /// <param name="known">Canonical user ids that are valid even if the directory does not have them.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="S3Exception">MalformedACLError, InvalidArgument, AccessDenied for another owner, and what <see cref="GranteeResolver"/> refuses.</exception>
    public async ValueTask<RequestedAcl> ReadAsync(DocumentElement document, string ownerId, string[] known, CancellationToken cancellationToken)
    {
        if (document.Find("Owner")?.TextOf("ID")?.Trim() is not { } owner || document.Find("AccessControlList") is not { } list)
        {
            throw new S3Exception(S3Error.MalformedAcl);
        }

        if (owner != ownerId)
        {
            throw new S3Exception(S3Error.AccessDenied);
        }

        return new RequestedAcl(null, await ReadGrantsAsync(list.Children, known, S3Error.MalformedAcl, cancellationToken));
    }

    /// <summary>Reads elements that are grants each.</summary>
    /// <param name="elements">The elements.</param>
    /// <param name="known">Canonical user ids that are valid even if the directory does not have them.</param>
    /// <param name="malformed">The error of a grant that is not complete.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="S3Exception">The error given, InvalidArgument, and what <see cref="GranteeResolver"/> refuses.</exception>
    public async ValueTask<IReadOnlyList<Grant>> ReadGrantsAsync(
        IReadOnlyList<DocumentElement> elements, string[] known, S3Error malformed, CancellationToken cancellationToken)
    {
        if (elements.Count > AccessControlList.MaxGrants)
        {
            throw new S3Exception(malformed, $"An access control list can have at most {AccessControlList.MaxGrants} grants.");
        }

        var grants = new List<Grant>(elements.Count);
        foreach (DocumentElement element in elements)
        {
            if (element.Find("Grantee") is not { } grantee
                || AclPermissionNames.Parse(element.TextOf("Permission")?.Trim()) is not { } permission)
            {
                throw new S3Exception(malformed);
            }

            grants.Add(new Grant(await ReadGranteeAsync(grantee, known, malformed, cancellationToken), permission));
        }

        return grants;
    }

    private async ValueTask<Grantee> ReadGranteeAsync(DocumentElement grantee, string[] known, S3Error malformed, CancellationToken cancellationToken)
    {
        string? Text(string name) => grantee.TextOf(name)?.Trim();
        return grantee.Type switch
        {
            "CanonicalUser" when Text("ID") is { } id => await grantees.ByIdAsync(id, known, cancellationToken),
            "Group" when Text("URI") is { } uri => GranteeResolver.ByUri(uri),
            "AmazonCustomerByEmail" when Text("EmailAddress") is { } email => await grantees.ByEmailAsync(email, cancellationToken),
            _ => throw new S3Exception(malformed),
        };
    }

    /// <summary>Answers with the document.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ownerId">Canonical user id of the owner.</param>
    /// <param name="grants">In the order in which they were set.</param>
    public async Task WriteAsync(S3Context context, string ownerId, IReadOnlyList<Grant> grants)
    {
        Dictionary<string, string?> names = await NamesAsync(context, grants.Select(static grant => grant.Grantee.Id).Append(ownerId));
        await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("AccessControlPolicy"u8);
            xml.Start("Owner"u8);
            xml.Element("ID"u8, ownerId);
            xml.Optional("DisplayName"u8, names[ownerId]);
            xml.End("Owner"u8);
            xml.Start("AccessControlList"u8);
            WriteGrants(ref xml, grants, names);
            xml.End("AccessControlList"u8);
            xml.End("AccessControlPolicy"u8);
        });
    }

    /// <summary>Finds the display names that a document shows; null for an id that no organization has any more.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ids">Canonical user ids; empty ones are left out.</param>
    public async ValueTask<Dictionary<string, string?>> NamesAsync(S3Context context, IEnumerable<string> ids)
    {
        var names = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (string id in ids.Where(static id => id.Length > 0).Distinct(StringComparer.Ordinal))
        {
            names[id] = id == context.AnyBucket.OwnerId
                ? context.AnyBucket.OwnerName
                : await grantees.DisplayNameAsync(id, context.CancellationToken);
        }

        return names;
    }

    /// <summary>Writes grants as elements.</summary>
    /// <param name="xml">The document.</param>
    /// <param name="grants">In the order in which they were set.</param>
    /// <param name="names">From <see cref="NamesAsync"/>, for the ids of all grantees.</param>
    public static void WriteGrants(ref S3XmlWriter xml, IReadOnlyList<Grant> grants, Dictionary<string, string?> names)
    {
        foreach (Grant grant in grants)
        {
            foreach (string permission in AclPermissionNames.Of(grant.Permission))
            {
                WriteGrant(ref xml, grant.Grantee, permission, names);
            }
        }
    }

    private static void WriteGrant(ref S3XmlWriter xml, Grantee grantee, string permission, Dictionary<string, string?> names)
    {
        xml.Start("Grant"u8);
        if (grantee.Uri is { } uri)
        {
            xml.Raw("<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\">"u8);
            xml.Element("URI"u8, uri);
        }
        else
        {
            xml.Raw("<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">"u8);
            xml.Element("ID"u8, grantee.Id);
            xml.Optional("DisplayName"u8, names[grantee.Id]);
        }

        xml.End("Grantee"u8);
        xml.Element("Permission"u8, permission);
        xml.End("Grant"u8);
    }
}
