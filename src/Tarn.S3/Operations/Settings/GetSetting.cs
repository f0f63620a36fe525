using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>GET of a setting. Disks have no settings.</summary>
internal sealed class GetSetting<T>(BucketSetting<T> setting, SettingServices services) : IOperation
    where T : class
{
    public async Task ExecuteAsync(S3Context context)
    {
        T? value = setting.Effective is { } effective ? effective(context)
            : context.FoundDisk is not null ? null
            : await services.Buckets.GetSettingAsync(context.RequiredBucket, setting.Stored, context.CancellationToken);
        if (value is null)
        {
            await setting.AnswerUnsetAsync(context, byId: false);
            return;
        }

        setting.Headers?.Invoke(context, value);
        await setting.Format.WriteAsync(context, value, services);
    }
}
