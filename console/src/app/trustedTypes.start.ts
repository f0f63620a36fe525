// Imported before everything else: what is imported later may write style sheets when it is loaded.
import { allowStylesAndXml } from './trustedTypes';

allowStylesAndXml();
