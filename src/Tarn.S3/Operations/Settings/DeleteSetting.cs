using Tarn.Core.Buckets;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>DELETE of a setting; succeeds when it is not set.</summary>
internal sealed class DeleteSetting<T>(BucketSetting<T> setting, BucketCatalog buckets) : IOperation
    where T : class
{
    public async Task ExecuteAsync(S3Context context)
    {
        setting.Check?.Invoke(context, null);
        await buckets.RemoveSettingAsync(context.RequiredBucket, setting.Stored, context.CancellationToken);
        context.Response.StatusCode = 204;
    }
}
