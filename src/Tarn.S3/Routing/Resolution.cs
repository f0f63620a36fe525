using Tarn.Core.Errors;

namespace Tarn.S3.Routing;

/// <summary>Either an operation or the reason there is none.</summary>
/// <param name="Allow">The value of the Allow header, with MethodNotAllowed.</param>
internal readonly record struct Resolution(S3Operation? Operation, S3Error? Error, string? Message = null, string? Allow = null);
