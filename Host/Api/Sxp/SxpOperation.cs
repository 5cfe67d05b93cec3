using Hospes.Sxp;

namespace Hospes.Host.Api.Sxp;

/// <summary>What a word <c>op</c> does; its answer, or null.</summary>
internal delegate Task<SxpNode?> SxpOperation(HttpContext context, SxpArguments arguments);
