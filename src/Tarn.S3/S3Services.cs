using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.S3.Access;
using Tarn.S3.Sharing;

namespace Tarn.S3;

/// <summary>Registers the S3 protocol and share links.</summary>
public static class S3Services
{
    /// <param name="services">Have the stores, the clock, and where the protocol learns who is who.</param>
    /// <param name="options">What an operator chooses of the protocol.</param>
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
