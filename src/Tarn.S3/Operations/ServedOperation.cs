using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.Core.Errors;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Operations.Settings;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Operations;

/// <summary>A row of the table together with the type that serves it.</summary>
/// <param name="Row">The row, which says which requests select the operation.</param>
/// <param name="Register">Registers the types that serve it, unless they are registered already.</param>
/// <param name="Create">Creates the instance that serves it; called once, at start.</param>
internal sealed record ServedOperation(S3Operation Row, Action<IServiceCollection> Register, Func<IServiceProvider, IOperation> Create)
{
    /// <summary>Served by one type, for disks too if the row allows them.</summary>
    public static ServedOperation Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(S3Operation row)
        where T : class, IOperation => new(row, static services => services.TryAddSingleton<T>(), static provider => provider.GetRequiredService<T>());

    /// <summary>Served by one type for object buckets and by another for disks.</summary>
    public static ServedOperation Of<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TObjects,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TDisks>(S3Operation row)
        where TObjects : class, IOperation
        where TDisks : class, IOperation => new(
            row,
            static services =>
            {
                services.TryAddSingleton<TObjects>();
                services.TryAddSingleton<TDisks>();
            },
            static provider => new OfEither(provider.GetRequiredService<TObjects>(), provider.GetRequiredService<TDisks>()));

    /// <summary>Served by one type for object buckets; refused with an error for disks.</summary>
    public static ServedOperation Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(S3Operation row, S3Error ofDisks)
        where T : class, IOperation => new(
            row,
            static services => services.TryAddSingleton<T>(),
            provider => new OfEither(provider.GetRequiredService<T>(), new DiskSetting(ofDisks)));

    /// <summary>The operations of a setting, served as its declaration says.</summary>
    public static IEnumerable<ServedOperation> Of(SettingDeclaration setting) => setting.Requests.Zip(setting.Rows, (request, row) => new ServedOperation(
        row, static services => services.TryAddSingleton<SettingServices>(), provider => setting.Serve(request, provider.GetRequiredService<SettingServices>())));
}
