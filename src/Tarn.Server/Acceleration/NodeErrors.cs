using System.Text;
using System.Xml;
using Tarn.Core.Errors;

namespace Tarn.Server.Acceleration;

/// <summary>Writes refusals of accelerators' own requests: S3's error document.</summary>
internal static class NodeErrors
{
    public static async Task WriteAsync(HttpContext http, S3Exception refusal)
    {
        byte[] document = Compose(refusal.Error, refusal.Message);
        HttpResponse response = http.Response;
        response.Clear();
        foreach ((string name, string value) in refusal.Headers)
        {
            response.Headers[name] = value;
        }

        response.StatusCode = refusal.Error.Status;
        response.ContentType = "application/xml";
        response.ContentLength = document.Length;
        await response.Body.WriteAsync(document, http.RequestAborted);
    }

    private static byte[] Compose(S3Error error, string message)
    {
        using var document = new MemoryStream();
        using (var xml = XmlWriter.Create(document, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) }))
        {
            xml.WriteStartElement("Error");
            xml.WriteElementString("Code", error.Code);
            xml.WriteElementString("Message", message);
            xml.WriteEndElement();
        }

        return document.ToArray();
    }
}
