namespace Hospes.Host.Api.XmlRpc;

/// <summary>A call of a method.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Arguments">
/// What it is called with: <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, null, a list of such or a dictionary of such.
/// </param>
internal sealed record XmlRpcCall(string Method, IReadOnlyList<object?> Arguments);
