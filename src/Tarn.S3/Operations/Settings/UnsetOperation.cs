using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Operations.Settings;

/// <summary>Serves one request for a setting that this server does not implement.</summary>
internal sealed class UnsetOperation(UnsetSetting setting, SettingRequest request, SettingServices services) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        if (setting.Target == S3Target.Object)
        {
            await services.Targets.ThrowIfMissingAsync(context);
        }

        switch (request.Method)
        {
            case "GET":
                await setting.AnswerUnsetAsync(context, request.ById);
                break;

            case "DELETE":
                context.Response.StatusCode = 204;
                break;

            default:
                await ThrowIfNotOffAsync(context);
                context.Response.ContentLength = 0;
                break;
        }
    }

    /// <summary>Refuses every document that would turn something on.</summary>
    /// <exception cref="S3Exception">NotImplemented, and the errors of reading a document.</exception>
    private async ValueTask ThrowIfNotOffAsync(S3Context context)
    {
        if (setting.Document is not { } shape)
        {
            throw NotImplemented();
        }

        DocumentElement document = await VerifiedBody.ReadXmlAsync(context, shape, digestRequired: false);
        if (setting.Switch is not { } choice)
        {
            return;
        }

        string? value = document.TextOf(choice.Element)?.Trim();
        if (value != choice.Off)
        {
            throw value == choice.On ? NotImplemented() : new S3Exception(S3Error.MalformedXml);
        }
    }

    private S3Exception NotImplemented() => new(S3Error.NotImplemented, $"The sub-resource {setting.Subresource} is not implemented: it can only be read and turned off.");
}
