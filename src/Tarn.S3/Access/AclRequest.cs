using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Requests;

namespace Tarn.S3.Access;

/// <summary>The list that PutBucketAcl and PutObjectAcl carry: in headers or in the body, not in both.</summary>
internal sealed class AclRequest(AclHeaders headers, AclXml xml)
{
    /// <exception cref="S3Exception">What <see cref="AclHeaders"/> and <see cref="AclXml"/> refuse; UnexpectedContent for both; MissingSecurityHeader for neither.</exception>
    public async ValueTask<RequestedAcl> ReadAsync(S3Context context, string ownerId, bool ofBucket)
    {
        string[] known = [ownerId, context.RequiredBucket.OwnerId];
        DocumentElement? document = await VerifiedBody.ReadOptionalXmlAsync(context, DocumentShapes.Acl, digestRequired: false);
        RequestedAcl? fromHeaders = await headers.ReadAsync(context.Request.Headers, ofBucket, known, context.CancellationToken);
        if (document is null)
        {
            return fromHeaders ?? throw new S3Exception(
                S3Error.MissingSecurityHeader, "Your request was missing a required header: x-amz-acl, x-amz-grant-* or a body.");
        }

        if (fromHeaders is not null)
        {
            throw new S3Exception(S3Error.UnexpectedContent);
        }

        return await xml.ReadAsync(document, ownerId, known, context.CancellationToken);
    }
}
