using System.Buffers;
using Tarn.Core.Errors;
using Tarn.Core.Federation;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Sts;

/// <summary>The documents of the Security Token Service. Source: its API Reference, the sample responses of each action.</summary>
internal static class StsAnswer
{
    public const string MediaType = "text/xml";

    /// <summary>A refusal.</summary>
    public static ArrayBufferWriter<byte> Refusal(S3Error error, string message, string requestId)
    {
        var document = new ArrayBufferWriter<byte>(512);
        var xml = new S3XmlWriter(document);
        xml.Start("ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""u8);
        xml.Start("Error"u8);
        xml.Element("Type"u8, error.Status >= 500 ? "Receiver" : "Sender");
        xml.Element("Code"u8, error.Code);
        xml.Element("Message"u8, message);
        xml.End("Error"u8);
        xml.Element("RequestId"u8, requestId);
        xml.End("ErrorResponse"u8);
        xml.Flush();
        return document;
    }

    public static Task WriteAsync(S3Context context, WorkloadCredentials made)
    {
        ArrayBufferWriter<byte> document = new(2048);
        var xml = new S3XmlWriter(document);
        xml.Start("AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""u8);
        xml.Start("AssumeRoleWithWebIdentityResult"u8);
        xml.Element("SubjectFromWebIdentityToken"u8, made.Token.Subject);
        xml.Element("Audience"u8, made.Token.Audience);
        xml.Element("Provider"u8, made.Issuer.Url);
        xml.Start("AssumedRoleUser"u8);
        xml.Element("Arn"u8, made.Principal.Arn);
        xml.Element("AssumedRoleId"u8, made.Principal.UserId);
        xml.End("AssumedRoleUser"u8);
        Credentials(ref xml, made.Key, made.Key.Key.Expires);
        xml.End("AssumeRoleWithWebIdentityResult"u8);
        End(ref xml, context, "AssumeRoleWithWebIdentityResponse"u8);
        return SendAsync(context, document);
    }

    public static Task WriteAsync(S3Context context, NewTemporaryKey made, DateTimeOffset expires)
    {
        ArrayBufferWriter<byte> document = new(1024);
        var xml = new S3XmlWriter(document);
        xml.Start("GetSessionTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""u8);
        xml.Start("GetSessionTokenResult"u8);
        Credentials(ref xml, made, expires);
        xml.End("GetSessionTokenResult"u8);
        End(ref xml, context, "GetSessionTokenResponse"u8);
        return SendAsync(context, document);
    }

    public static Task WriteIdentityAsync(S3Context context, Principal principal)
    {
        ArrayBufferWriter<byte> document = new(512);
        var xml = new S3XmlWriter(document);
        xml.Start("GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""u8);
        xml.Start("GetCallerIdentityResult"u8);
        xml.Element("Arn"u8, principal.Arn);
        xml.Element("UserId"u8, principal.UserId);
        xml.Element("Account"u8, principal.OrganizationId);
        xml.End("GetCallerIdentityResult"u8);
        End(ref xml, context, "GetCallerIdentityResponse"u8);
        return SendAsync(context, document);
    }

    private static void Credentials(ref S3XmlWriter xml, NewTemporaryKey made, DateTimeOffset expires)
    {
        xml.Start("Credentials"u8);
        xml.Element("AccessKeyId"u8, made.Key.Id);
        xml.Element("SecretAccessKey"u8, made.SecretKey);
        xml.Element("SessionToken"u8, made.SessionToken ?? "");
        xml.Element("Expiration"u8, AmzDate.FormatExtended(expires));
        xml.End("Credentials"u8);
    }

    private static void End(ref S3XmlWriter xml, S3Context context, ReadOnlySpan<byte> root)
    {
        xml.Start("ResponseMetadata"u8);
        xml.Element("RequestId"u8, context.Request.Id);
        xml.End("ResponseMetadata"u8);
        xml.End(root);
        xml.Flush();
    }

    private static async Task SendAsync(S3Context context, ArrayBufferWriter<byte> document)
    {
        context.Response.ContentType = MediaType;
        context.Response.ContentLength = document.WrittenCount;

        // It contains secrets, or tells who asks.
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(document.WrittenMemory, context.CancellationToken);
    }
}
