using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>PUT of a setting: replaces the previous value.</summary>
internal sealed class PutSetting<T>(BucketSetting<T> setting, SettingServices services) : IOperation
    where T : class
{
    public async Task ExecuteAsync(S3Context context)
    {
        SettingChange<T> change = await setting.Format.ReadAsync(context, services);
        setting.Check?.Invoke(context, change.Value);
        if (change.Value is { } value)
        {
            await services.Buckets.SetSettingAsync(context.RequiredBucket, setting.Stored, value, change.First, context.CancellationToken);
            setting.Headers?.Invoke(context, value);
        }
        else
        {
            await services.Buckets.RemoveSettingAsync(context.RequiredBucket, setting.Stored, context.CancellationToken);
        }

        if (change.Then is { } then)
        {
            await then();
        }

        context.Response.StatusCode = setting.PutStatus;
        if (setting.PutStatus == 200)
        {
            context.Response.ContentLength = 0;
        }
    }
}
