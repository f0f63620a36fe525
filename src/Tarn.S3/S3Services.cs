using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.S3.Access;
using Tarn.S3.Sharing;

namespace Tarn.S3;

/// <summary>Registers the S3 protocol and share links.</summary>
public static class S3Services
{
    /// <summary>Registers <see cref="S3Service"/> and <see cref="ShareService"/>.</summary>
    /// <param name="services">The service collection; it must have the stores, the clock and the sources of identities.</param>
    /// <param name="options">The operator's settings for the S3 protocol.</param>
    public static IServiceCollection AddTarnS3(this IServiceCollection services, S3ServiceOptions options)
    {
        services.TryAddSingleton(new DenialLog());
        return services
            .AddSingleton(options)
            .AddSingleton<S3Identity>()
            .AddSingleton<S3Service>()
            .AddSingleton(static provider => provider.GetRequiredService<S3Service>().Explainer)
            .AddSingleton<ShareService>();
    }
}
