using Microsoft.AspNetCore.Http;
using Tarn.Core.Objects;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Forms;

/// <summary>Writes the answer that a form asks for. Source: Amazon S3 API Reference, "POST Object", <c>success_action_*</c>.</summary>
internal static class FormAnswer
{
    /// <summary>Answers after the object is stored.</summary>
    public static async Task WriteAsync(S3Context context, FormFields fields, StoredObject stored)
    {
        HttpResponse response = context.Response;
        if (Redirect(context, fields, stored) is { } target)
        {
            response.StatusCode = StatusCodes.Status303SeeOther;
            response.Headers.Location = target;
            response.ContentLength = 0;
            return;
        }

        string location = Location(context);
        response.Headers.Location = location;
        switch (fields["success_action_status"])
        {
            case "201":
                response.StatusCode = StatusCodes.Status201Created;
                await ResponseXml.WriteAsync(context, (ref S3XmlWriter xml) =>
                {
                    xml.Start("PostResponse"u8);
                    xml.Element("Location"u8, location);
                    xml.Element("Bucket"u8, context.Request.BucketName);
                    xml.Element("Key"u8, context.Key.Utf8);
                    xml.Element("ETag"u8, $"\"{stored.ETag}\"");
                    xml.End("PostResponse"u8);
                });
                break;
            case "200":
                response.ContentLength = 0;
                break;
            default:
                response.StatusCode = StatusCodes.Status204NoContent;
                break;
        }
    }

    /// <summary>The URL to redirect to, with the stored object in its query; null when the form has none, or an invalid one.</summary>
    private static string? Redirect(S3Context context, FormFields fields, StoredObject stored)
    {
        string? text = fields["success_action_redirect"] ?? fields["redirect"];
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? page) || (page.Scheme != Uri.UriSchemeHttp && page.Scheme != Uri.UriSchemeHttps))
        {
            return null;
        }

        if (page.HostNameType == UriHostNameType.Dns)
        {
            // A header is ASCII: an internationalized host is sent in its ASCII form.
            page = new UriBuilder(page) { Host = page.IdnHost }.Uri;
        }

        string query = $"bucket={context.Request.BucketName}&key={Uri.EscapeDataString(context.Key.ToString())}&etag=%22{stored.ETag}%22";
        string before = page.GetComponents(UriComponents.SchemeAndServer | UriComponents.UserInfo | UriComponents.PathAndQuery, UriFormat.UriEscaped);
        string fragment = page.Fragment;
        return before + (page.Query.Length > 1 ? "&" : page.Query.Length == 1 ? "" : "?") + query + fragment;
    }

    /// <summary>The object's URL: the form's URL followed by the key.</summary>
    private static string Location(S3Context context)
    {
        string path = context.Request.Address.IsVirtualHost ? "/" : $"/{context.Request.BucketName}/";
        string key = Uri.EscapeDataString(context.Key.ToString()).Replace("%2F", "/", StringComparison.Ordinal);
        return context.Request.PublicUrl + path + key;
    }
}
