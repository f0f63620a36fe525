namespace Tarn.Server.Control;

/// <summary>The answer to a request that succeeded.</summary>
/// <param name="Success">True.</param>
/// <param name="Data">What was asked for.</param>
internal sealed record Envelope<T>(bool Success, T Data)
    where T : class;

/// <summary>The answer to a request that succeeded and returns nothing.</summary>
/// <param name="Success">True.</param>
internal sealed record Acknowledgement(bool Success);

/// <summary>The answer to a request that failed.</summary>
/// <param name="Success">False.</param>
/// <param name="Error">What is wrong, for people to read.</param>
internal sealed record Failure(bool Success, string Error);
